package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/grapnel-chat/grapnel/workspace"
)

var fileTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		for n, content := range []string{"", "a\x00\xff", strings.Repeat("0123456789", 100_000)} {
			want := File(n, "room1")
			want.Size = int64(len(content))
			got, err := s.AddFile(t.Context(), File(n, "room1"), iotest.OneByteReader(strings.NewReader(content[:min(len(content), 9)])))
			if len(content) > 9 {
				wantSame(t, "size of a beginning", got.Size, err, 9)
				must(t, s.RemoveWaitingFile(t.Context(), want.ID))
				got, err = s.AddFile(t.Context(), File(n, "room1"), strings.NewReader(content))
			}
			wantSame(t, "AddFile", got, err, want)
			got, err = s.File(t.Context(), want.ID)
			wantSame(t, "File", got, err, want)
			wantContent(t, s, want.ID, content)
		}
	}},
	{"nothing but what every file has", func(t *testing.T, s Store) {
		bare := workspace.File{ID: "bare", CreatedAt: At(1)}
		_, err := s.AddFile(t.Context(), bare, strings.NewReader(""))
		must(t, err)
		got, err := s.File(t.Context(), "bare")
		wantSame(t, "File", got, err, bare)
	}},
	{"seek", func(t *testing.T, s Store) {
		addFile(t, s, 1, "room1")
		content, err := s.OpenFile(t.Context(), "file1")
		must(t, err)
		defer func() { _ = content.Close() }() // nothing was written
		end, err := content.Seek(0, io.SeekEnd)
		wantSame(t, "Seek to the end", end, err, int64(len("content of file1")))
		_, err = content.Seek(-5, io.SeekEnd)
		must(t, err)
		rest, err := io.ReadAll(content)
		wantSame(t, "the rest", string(rest), err, "file1")
		_, err = content.Seek(0, io.SeekStart)
		must(t, err)
		start, err := io.ReadAll(io.LimitReader(content, 7))
		wantSame(t, "the start", string(start), err, "content")
	}},
	{"not found", func(t *testing.T, s Store) {
		wantNoFiles(t, s, "file1")
		wantError(t, "RemoveWaitingFile", s.RemoveWaitingFile(t.Context(), "file1"), workspace.ErrNotFound)
	}},
	{"conflict", func(t *testing.T, s Store) {
		addFile(t, s, 1, "room1")
		_, err := s.AddFile(t.Context(), File(1, "room2"), strings.NewReader("other"))
		wantError(t, "AddFile", err, workspace.ErrConflict)
		wantContent(t, s, "file1", "content of file1")
	}},
	{"a content that breaks off leaves nothing", func(t *testing.T, s Store) {
		broken := errors.New("broken")
		half := io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(broken))
		_, err := s.AddFile(t.Context(), File(1, "room1"), half)
		wantError(t, "AddFile", err, broken)
		wantNoFiles(t, s, "file1")
		addFile(t, s, 1, "room1")
	}},
	{"a caller who leaves in the middle leaves nothing", func(t *testing.T, s Store) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.AddFile(ctx, File(1, "room1"), io.MultiReader(strings.NewReader("half"), leaving(cancel)))
		wantError(t, "AddFile", err, context.Canceled)
		wantNoFiles(t, s, "file1")
		addFile(t, s, 1, "room1")
	}},
	{"a message takes it over", func(t *testing.T, s Store) {
		f := addFile(t, s, 1, "room1")
		m := Showing(1, f)
		must(t, s.AddMessages(t.Context(), []workspace.Message{m}, Effects(1, 1, "a")))
		got, err := s.Message(t.Context(), m.ID)
		wantSame(t, "Message", got, err, m)
		f.MessageID = m.ID
		kept, err := s.File(t.Context(), f.ID)
		wantSame(t, "File", kept, err, f)
		wantError(t, "RemoveWaitingFile", s.RemoveWaitingFile(t.Context(), f.ID), workspace.ErrNotFound)
		must(t, s.RemoveWaitingFiles(t.Context(), At(100)))
		wantContent(t, s, f.ID, "content of file1")
		m.Text = "edited"
		must(t, s.SaveMessage(t.Context(), m, nil))
		wantContent(t, s, f.ID, "content of file1")
	}},
	{"only one message has it", func(t *testing.T, s Store) {
		f := addFile(t, s, 1, "room1")
		must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(1, f)}, nil))
		wantError(t, "AddMessages", s.AddMessages(t.Context(), []workspace.Message{Showing(2, f)}, Effects(1, 1, "a")), workspace.ErrNotFound)
		unknown := File(9, "room1")
		wantError(t, "AddMessages", s.AddMessages(t.Context(), []workspace.Message{Showing(3, unknown)}, nil), workspace.ErrNotFound)
		wantNoMessages(t, s, "message2", "message3")
		wantNoRows(t, s, "delivery1")
		got, err := s.File(t.Context(), f.ID)
		wantSame(t, "its message", got.MessageID, err, "message1")
	}},
	{"goes with its message", func(t *testing.T, s Store) {
		for n := 1; n <= 2; n++ {
			must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(n, addFile(t, s, n, "room1"))}, nil))
		}
		must(t, s.RemoveMessage(t.Context(), "message1"))
		wantNoFiles(t, s, "file1")
		wantContent(t, s, "file2", "content of file2")
	}},
	{"goes with its room", func(t *testing.T, s Store) {
		for n := 1; n <= 3; n++ {
			must(t, s.AddRoom(t.Context(), Room(n), nil, nil))
		}
		must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(1, addFile(t, s, 1, "room1"))}, nil))
		addFile(t, s, 2, "room1")
		addFile(t, s, 3, "room3")
		must(t, s.RemoveRoom(t.Context(), "room1"))
		wantNoFiles(t, s, "file1", "file2")
		wantContent(t, s, "file3", "content of file3")
	}},
	{"goes with its user", testFilesOfUser},
	{"goes with the old messages of its room", func(t *testing.T, s Store) {
		for n := 1; n <= 4; n++ {
			must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(n, addFile(t, s, n, "room1"))}, nil))
		}
		must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(5, addFile(t, s, 5, "room2"))}, nil))
		addFile(t, s, 6, "room1")
		removeOld(t, s, workspace.Kept{Since: At(3)}, 1, 1)
		wantNoFiles(t, s, "file1")
		wantContent(t, s, "file2", "content of file2")
		removeOld(t, s, workspace.Kept{Newest: 1}, 9, 2)
		wantNoFiles(t, s, "file2", "file3")
		for _, id := range []string{"file4", "file5", "file6"} {
			wantContent(t, s, id, "content of "+id)
		}
	}},
	{"waits in vain", func(t *testing.T, s Store) {
		for n := 1; n <= 3; n++ {
			addFile(t, s, n, "room1")
		}
		must(t, s.RemoveWaitingFiles(t.Context(), At(2)))
		wantNoFiles(t, s, "file1")
		wantContent(t, s, "file2", "content of file2")
		must(t, s.RemoveWaitingFile(t.Context(), "file2"))
		wantNoFiles(t, s, "file2")
		wantContent(t, s, "file3", "content of file3")
	}},
}

// testFilesOfUser has user1's files in a channel, and user2's in the direct room of both.
func testFilesOfUser(t *testing.T, s Store) {
	for n := 1; n <= 2; n++ {
		must(t, s.AddUser(t.Context(), User(n), nil, nil))
	}
	direct := Direct(1, 2)
	subs := []workspace.Subscription{Subscription(direct.ID, "user1"), Subscription(direct.ID, "user2")}
	must(t, s.AddRoom(t.Context(), direct, subs, nil))
	must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(1, addFile(t, s, 1, "room1"))}, nil))
	addFile(t, s, 2, "room1")
	for n, room := range map[int]string{3: direct.ID, 4: "room1"} {
		theirs := File(n, room)
		theirs.UserID = "user2"
		_, err := s.AddFile(t.Context(), theirs, strings.NewReader("theirs"))
		must(t, err)
	}
	must(t, s.RemoveUser(t.Context(), "user1"))
	wantNoFiles(t, s, "file1", "file2", "file3")
	wantContent(t, s, "file4", "theirs")
}

// addFile adds file n, whose content names it.
func addFile(t *testing.T, s Store, n int, roomID string) workspace.File {
	t.Helper()
	f, err := s.AddFile(t.Context(), File(n, roomID), strings.NewReader("content of "+ID("file", n)))
	must(t, err)
	return f
}

// leaving is a content whose reader gives up.
func leaving(cancel context.CancelFunc) io.Reader { return &lastRead{then: cancel} }

type lastRead struct{ then func() }

func (r *lastRead) Read([]byte) (int, error) {
	r.then()
	return 0, io.EOF
}

func wantContent(t *testing.T, s Store, id, want string) {
	t.Helper()
	content, err := s.OpenFile(t.Context(), id)
	if err != nil {
		t.Errorf("OpenFile %s: %v", id, err)
		return
	}
	defer func() { _ = content.Close() }() // nothing was written
	got, err := io.ReadAll(content)
	wantSame(t, "content of "+id, string(got), err, want)
}

func wantNoFiles(t *testing.T, s Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, err := s.File(t.Context(), id)
		wantError(t, "File "+id, err, workspace.ErrNotFound)
		_, err = s.OpenFile(t.Context(), id)
		wantError(t, "OpenFile "+id, err, workspace.ErrNotFound)
	}
}
