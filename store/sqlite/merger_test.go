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
	s.merger.long = mergeFrom
	const rounds = 4
	written := int64(0)
	for n := range rounds {
		err := s.write(t.Context(), "write much", func(t *tx) error {
			_, err := t.exec("INSERT OR REPLACE INTO facts (name, value) VALUES (?, randomblob(?))", storetest.ID("fact", n%2), mergeFrom*pageSize)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		written += mergeFrom * pageSize
		if err := s.merger.merge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left, _, err := s.merger.checkpoint(t.Context(), "NOOP"); left != 0 || err != nil {
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
				_, err := t.exec("INSERT OR REPLACE INTO facts (name, value) VALUES ('much', randomblob(?))", mergeFrom*pageSize)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * mergeEvery)
			synctest.Wait()
			if left, _, err := s.merger.checkpoint(t.Context(), "NOOP"); left > restOf || err != nil {
				t.Errorf("round %d: %d pages of the log are not in the database: %v", round, left, err)
			}
		}
	})
}

// TestUrgentWrites holds that what is urgent does not wait behind what is not, and that none is lost.
func TestUrgentWrites(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	var order []string
	note := func(name string) func(*tx) error {
		return func(t *tx) error {
			order = append(order, name)
			return insertFact(name)(t)
		}
	}
	outcomes := []<-chan error{
		queueAs(t.Context(), s, durable, note("durable")), queueAs(t.Context(), s, light, note("light")), queueAs(t.Context(), s, urgent, note("urgent")),
	}
	release()
	for _, done := range outcomes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(order) != 3 || order[0] != "urgent" {
		t.Errorf("written in the order %q, want the urgent one first", order)
	}
	for _, name := range order {
		if !hasFact(t, s, name) {
			t.Errorf("%s is not there", name)
		}
	}
}
