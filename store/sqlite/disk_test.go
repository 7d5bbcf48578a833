package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

func TestFullDisk(t *testing.T) {
	s := open(t, t.TempDir())
	limitPages(t, s, 100)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		m := storetest.BareMessage(n, "room1")
		m.Text = strings.Repeat("x", 2000)
		err = s.AddMessages(t.Context(), []workspace.Message{m}, storetest.Effects(n, n, "a"))
	}
	if !errors.Is(err, workspace.ErrFull) {
		t.Fatalf("error %v, want %v", err, workspace.ErrFull)
	}
	refused := storetest.ID("message", n-1)
	if _, err := s.Message(t.Context(), refused); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("Message that was refused: %v", err)
	}
	if _, err := s.Row(t.Context(), storetest.ID("delivery", n-1)); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("delivery of a message that was refused: %v", err)
	}
	if _, err := s.Message(t.Context(), "message0"); err != nil {
		t.Errorf("reading on a full disk: %v", err)
	}

	limitPages(t, s, 1<<30)
	if err := s.AddMessages(t.Context(), storetest.Messages(n-1, n-1, "room1"), storetest.Effects(n-1, n-1, "a")); err != nil {
		t.Errorf("AddMessages with space again: %v", err)
	}
}

// TestFullDiskInABatch has one write that does not fit among others that do.
func TestFullDiskInABatch(t *testing.T) {
	s := open(t, t.TempDir())
	limitPages(t, s, 100)
	release := occupy(t, s)
	small := queue(t.Context(), s, insertFact("small"))
	large := queue(t.Context(), s, func(t *tx) error {
		_, err := t.exec("INSERT INTO facts (name, value) VALUES ('large', zeroblob(1000000))")
		return err
	})
	last := queue(t.Context(), s, insertFact("last"))
	release()
	if err := <-large; !errors.Is(err, workspace.ErrFull) {
		t.Errorf("large: %v, want %v", err, workspace.ErrFull)
	}
	if err := errors.Join(<-small, <-last); err != nil {
		t.Error(err)
	}
}

func limitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	err := s.write(t.Context(), "limit pages", func(t *tx) error {
		_, err := t.w.conn.ExecContext(t.ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCrash opens what a crash can leave: the files as they are in the middle of the work, with
// the log cut off anywhere. What was answered is there, and never a half of anything.
func TestCrash(t *testing.T) {
	const messages = 40
	dir := t.TempDir()
	s := open(t, dir)
	for n := range messages {
		if err := s.AddMessages(t.Context(), storetest.Messages(n, n, "room1"), storetest.Effects(2*n, 2*n+1, "a")); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.Stat(filepath.Join(dir, databaseName+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	if got := survivors(t, dir, log.Size()); got != messages {
		t.Errorf("%d messages survived, want %d", got, messages)
	}
	last := messages
	for cut := int64(1); cut < log.Size(); cut += log.Size()/23 + 1 {
		got := survivors(t, dir, log.Size()-cut)
		if got > last || got >= messages {
			t.Errorf("%d messages survived a log without its last %d bytes, %d one with more", got, cut, last)
		}
		last = got
	}
}

// survivors copies a data folder with the beginning of its log, opens the copy, and counts the
// messages. Each of them must have its deliveries, and none be missing before another.
func survivors(t *testing.T, dir string, log int64) int {
	t.Helper()
	copied := t.TempDir()
	for name, size := range map[string]int64{databaseName: -1, databaseName + "-wal": log} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if size >= 0 {
			content = content[:size]
		}
		if err := os.WriteFile(filepath.Join(copied, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, messages, err := s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, workspace.Page{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, deliveries, err := s.Rows(t.Context(), "a", workspace.Page{Count: 1})
	if err != nil || deliveries != 2*messages {
		t.Errorf("%d deliveries of %d messages survived (%v)", deliveries, messages, err)
	}
	for n := range messages {
		if _, err := s.Message(t.Context(), storetest.ID("message", n)); err != nil {
			t.Errorf("message %d of %d: %v", n, messages, err)
		}
	}
	return messages
}
