package sqlite

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestUploadsFolder holds that the folder has the contents of the files that there are, and nothing
// else.
func TestUploadsFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := 1; n <= 4; n++ {
		addFile(t, s, n)
	}
	if _, err := s.AddFile(t.Context(), storetest.File(5, "room1"), iotest.ErrReader(errors.New("broken"))); err == nil {
		t.Error("a broken content was kept")
	}
	wantFolder(t, dir, "file1", "file2", "file3", "file4")
	m := storetest.Showing(1, storetest.File(1, "room1"))
	for _, err := range []error{
		s.AddMessages(t.Context(), []workspace.Message{m}, nil),
		s.RemoveWaitingFile(t.Context(), "file2"),
		s.RemoveWaitingFiles(t.Context(), storetest.At(4)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantFolder(t, dir, "file1", "file4")
	if err := s.RemoveMessage(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, dir, "file4")
}

// TestCrashInAnUpload copies the folder while a content is written, as a crash would leave it. The
// next server sweeps what did not arrive.
func TestCrashInAnUpload(t *testing.T) {
	dir, copied, later := t.TempDir(), t.TempDir(), t.TempDir()
	s := open(t, dir)
	addFile(t, s, 1)
	crash := readerFunc(func([]byte) (int, error) {
		for _, name := range []string{databaseName, databaseName + "-wal", filepath.Join(uploadsName, "file1"), filepath.Join(uploadsName, "file2.part")} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, to := range []string{copied, later} {
				if err := os.MkdirAll(filepath.Join(to, uploadsName), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(to, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		return 0, io.EOF
	})
	if _, err := s.AddFile(t.Context(), storetest.File(2, "room1"), io.MultiReader(strings.NewReader("half"), crash)); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, copied, "file1", "file2.part")
	sweepCrash(t, copied)

	// A crash a moment later: the content has its name, and the record does not know it yet.
	if err := os.Rename(filepath.Join(later, uploadsName, "file2.part"), filepath.Join(later, uploadsName, "file2")); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, later, "file1", "file2")
	sweepCrash(t, later)
}

// sweepCrash starts a server on what a crash has left.
func sweepCrash(t *testing.T, dir string) {
	t.Helper()
	s := open(t, dir)
	if _, err := s.File(t.Context(), "file2"); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("a file that did not arrive: %v", err)
	}
	if err := s.RemoveWaitingFiles(t.Context(), storetest.At(0)); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, dir, "file1")
	if _, err := s.File(t.Context(), "file1"); err != nil {
		t.Errorf("the file that had arrived: %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestFullDiskInAnUpload writes to the device that is always full.
func TestFullDiskInAnUpload(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /dev/full")
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writeOut(f, strings.NewReader("more than fits")); !errors.Is(fullDisk(err), workspace.ErrFull) {
		t.Errorf("error %v, want %v", fullDisk(err), workspace.ErrFull)
	}
}

func addFile(t *testing.T, s *Store, n int) {
	t.Helper()
	if _, err := s.AddFile(t.Context(), storetest.File(n, "room1"), strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
}

func wantFolder(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, uploadsName))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uploads: want -, got +\n%s", diff)
	}
}
