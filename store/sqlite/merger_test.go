package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// TestMergerKeepsTheLogShort writes much more than the log may hold and looks that it began anew.
func TestMergerKeepsTheLogShort(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.merger.stop() // the test does its part
	const page, rounds = 4096, 4
	written := int64(0)
	for n := range rounds {
		err := s.write(t.Context(), "write much", func(t *tx) error {
			_, err := t.exec("INSERT OR REPLACE INTO facts (name, value) VALUES (?, randomblob(?))", storetest.ID("fact", n%2), mergeFrom*page)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		written += mergeFrom * page
		if err := s.merger.merge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left, err := s.merger.checkpoint(t.Context(), "NOOP"); left != 0 || err != nil {
			t.Errorf("%d pages of the log are not in the database: %v", left, err)
		}
	}
	log, err := os.Stat(filepath.Join(dir, databaseName+"-wal"))
	if err != nil || log.Size() > written/2 {
		t.Errorf("the log has %d bytes after %d were written: %v", log.Size(), written, err)
	}
	if !hasFact(t, s, "fact0") || !hasFact(t, s, "fact1") {
		t.Error("what was written is not there")
	}
}

// TestMergerFollowsCommits holds that the merger awakes for what is committed, again and again.
func TestMergerFollowsCommits(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		for round := range 3 {
			err := s.write(t.Context(), "write much", func(t *tx) error {
				_, err := t.exec("INSERT OR REPLACE INTO facts (name, value) VALUES ('much', randomblob(?))", mergeFrom*4096)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * mergeEvery)
			synctest.Wait()
			if left, err := s.merger.checkpoint(t.Context(), "NOOP"); left > restOf || err != nil {
				t.Errorf("round %d: %d pages of the log are not in the database: %v", round, left, err)
			}
		}
	})
}

// TestLightWrites holds that what needs no flush does not wait behind what does, that neither the one
// nor the other is lost, and that flushes come back.
func TestLightWrites(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	var order []string
	note := func(name string) func(*tx) error {
		return func(t *tx) error {
			var level int
			if err := t.w.conn.QueryRowContext(t.ctx, "PRAGMA synchronous").Scan(&level); err != nil {
				return err
			}
			order = append(order, name+" "+[]string{"off", "normal", "full"}[level])
			return insertFact(name)(t)
		}
	}
	heavy := queue(t.Context(), s, note("heavy"))
	light := make(chan error, 1)
	go func() { light <- s.writeLightly(t.Context(), "write", note("light")) }()
	for lights := 0; lights == 0; {
		s.writer.mu.Lock()
		lights = s.writer.light
		s.writer.mu.Unlock()
	}
	release()
	for _, done := range []<-chan error{heavy, light} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(order) != 2 || order[0] != "light normal" || order[1] != "heavy full" {
		t.Errorf("written in the order %q, want the light one first, unflushed, and then the heavy one, flushed", order)
	}
	if !hasFact(t, s, "heavy") || !hasFact(t, s, "light") {
		t.Error("what was written is not there")
	}
}
