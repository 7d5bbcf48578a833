package store_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/sqlite"
	"github.com/grapnel-chat/grapnel/store/storetest"
)

func TestBackupComesBackWhole(t *testing.T) {
	folder := seeded(t)
	upload := filepath.Join(folder, "uploads", "a", "b.txt")
	write(t, upload, "uploaded")
	file := backup(t, folder)
	into := filepath.Join(t.TempDir(), "new", "data")
	done, err := store.Restore(t.Context(), file, into)
	if err != nil || !done.MadeAt.Equal(storetest.At(0)) || done.MadeBy != "test" || done.Files != 1 {
		t.Fatalf("Restore = %+v, %v", done, err)
	}
	wantNames(t, into, "grapnel.db", "grapnel.lock", "uploads")
	s, err := store.Open(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if u, err := s.User(t.Context(), "user1"); err != nil || u.Username != storetest.User(1).Username {
		t.Errorf("User = %+v, %v", u, err)
	}
	if m, err := s.Message(t.Context(), "message7"); err != nil || m.Text != storetest.Message(7, "room1").Text {
		t.Errorf("Message = %+v, %v", m, err)
	}
	if text, err := os.ReadFile(filepath.Join(into, "uploads", "a", "b.txt")); string(text) != "uploaded" {
		t.Errorf("upload = %q, %v", text, err)
	}
}

// TestBackupAfterCrash begins where another one was killed: nothing that it left gets into the backup.
func TestBackupAfterCrash(t *testing.T) {
	folder := seeded(t)
	file := filepath.Join(t.TempDir(), "b")
	for _, left := range []string{".partial", ".partial.db", ".partial.db-journal", ".partial.db-wal", ".partial.db-shm"} {
		write(t, file+left, strings.Repeat("left behind", 1000))
	}
	if _, err := (store.Backup{Folder: folder, File: file}).Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantNames(t, filepath.Dir(file), "b")
	if _, err := store.Restore(t.Context(), file, filepath.Join(t.TempDir(), "data")); err != nil {
		t.Error(err)
	}
}

func TestBackupRefuses(t *testing.T) {
	folder := seeded(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "there"), "mine")
	ended, end := context.WithCancel(t.Context())
	end()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		b    store.Backup
		want error
	}{
		{"an existing file", t.Context(), store.Backup{Folder: folder, File: filepath.Join(dir, "there")}, store.ErrFileExists},
		{"a folder without data", t.Context(), store.Backup{Folder: t.TempDir(), File: filepath.Join(dir, "new")}, sqlite.ErrNoData},
		{"interrupted", ended, store.Backup{Folder: folder, File: filepath.Join(dir, "new")}, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.b.Make(tt.ctx); !errors.Is(err, tt.want) {
				t.Errorf("Make = %v, want %v", err, tt.want)
			}
			wantNames(t, dir, "there")
		})
	}
}

// TestRestoreRefuses takes backups that are not what they should be: the folder stays as it was.
func TestRestoreRefuses(t *testing.T) {
	good, err := os.ReadFile(backup(t, seeded(t)))
	if err != nil {
		t.Fatal(err)
	}
	parts := unpack(t, good)
	manifest, database := parts[0], parts[1]
	newer := manifest
	newer.text = strings.Replace(newer.text, `"format":1`, `"format":2`, 1)
	other := manifest
	other.text = strings.Replace(other.text, `"schema":`, `"schema":1`, 1)
	hole := database
	hole.text = database.text[:2*4096] + strings.Repeat("\x07", 4096) + database.text[3*4096:]
	future := database
	future.text = database.text[:60] + "\x00\x00\x27\x0f" + database.text[64:] // user_version
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "it is no backup"},
		{"text", []byte("hello"), "it is no backup"},
		{"another archive", pack(t, part{"grapnel.db", "x"}), "it is no backup"},
		{"cut off", good[:len(good)-100], "it is damaged"},
		{"without its end", good[:len(good)-4], "it is damaged"},
		{"a flipped bit", flipped, "it is damaged"},
		{"another checksum", append(bytes.Clone(good[:len(good)-8]), 1, 2, 3, 4, 5, 6, 7, 8), "it is damaged"},
		{"more behind it", append(bytes.Clone(good), "more"...), "it is damaged"},
		{"a newer format", pack(t, newer, database), "newer grapnel (test), whose backups have format 2"},
		{"a newer database", pack(t, manifest, future), "newer grapnel, whose schema version is 9999"},
		{"another database", pack(t, other, database), "its database is not the one"},
		{"a damaged database", pack(t, manifest, hole), "the database is damaged"},
		{"no database in its place", pack(t, manifest, part{"grapnel.db", "hello"}), "the database is damaged"},
		{"without a database", pack(t, manifest), "it holds no database"},
		{"the database twice", pack(t, manifest, database, database), "it holds grapnel.db twice"},
		{"a foreign part", pack(t, manifest, database, part{"other", "x"}), "which is no part of a backup"},
		{"a way out", pack(t, manifest, database, part{"uploads/../../x", "x"}), "which is no part of a backup"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "b")
			write(t, file, string(tt.file))
			_, err := store.Restore(t.Context(), file, filepath.Join(dir, "data"))
			if bad, ok := errors.AsType[*store.BadBackupError](err); !ok || bad.File != file || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Restore = %v, want a BadBackupError with %q", err, tt.want)
			}
			wantNames(t, dir, "b")
		})
	}
}

func TestRestoreReplacesNothing(t *testing.T) {
	folder := seeded(t)
	file := backup(t, folder)
	if _, err := store.Restore(t.Context(), file, folder); !errors.Is(err, store.ErrFolderInUse) {
		t.Errorf("Restore = %v, want %v", err, store.ErrFolderInUse)
	}
	mounted := t.TempDir() // a new file system, for instance
	if err := os.Mkdir(filepath.Join(mounted, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), file, mounted); err != nil {
		t.Error(err)
	}
	wantNames(t, mounted, "grapnel.db", "grapnel.lock", "lost+found")
}

// TestRestoreThatBrokeOff leaves each state that a crash can leave: no server takes the folder, and
// the next restore does.
func TestRestoreThatBrokeOff(t *testing.T) {
	file := backup(t, seeded(t))
	for n, left := range [][]string{
		{"restoring/x"},
		{"restoring/grapnel.db", "uploads/half"},
		{"restoring/x", "grapnel.db", "uploads/half"},
	} {
		t.Run(storetest.ID("state", n), func(t *testing.T) {
			folder := t.TempDir()
			for _, name := range left {
				write(t, filepath.Join(folder, name), "half")
			}
			_, err := store.Open(t.Context(), folder)
			if _, ok := errors.AsType[*sqlite.UnfinishedError](err); !ok {
				t.Errorf("Open = %v, want an UnfinishedError", err)
			}
			if _, err := store.Restore(t.Context(), file, folder); err != nil {
				t.Fatal(err)
			}
			wantNames(t, folder, "grapnel.db", "grapnel.lock")
			s, err := store.Open(t.Context(), folder)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// seeded answers a data folder that a server is at work on.
func seeded(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	s, err := store.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Seed(t.Context(), storetest.Seed()); err != nil {
		t.Fatal(err)
	}
	if err := s.AddMessages(t.Context(), storetest.Messages(1, 9, "room1"), nil); err != nil {
		t.Fatal(err)
	}
	return folder
}

func backup(t *testing.T, folder string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "b")
	size, err := store.Backup{Folder: folder, File: file, MadeBy: "test", MadeAt: storetest.At(0)}.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != size {
		t.Fatalf("Make = %d, the file: %v, %v", size, info, err)
	}
	return file
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}

// part is a file in a backup.
type part struct{ name, text string }

func unpack(t *testing.T, file []byte) []part {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(zipped)
	var parts []part
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return parts
		}
		text, readErr := io.ReadAll(in)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{h.Name, string(text)})
	}
}

func pack(t *testing.T, parts ...part) []byte {
	t.Helper()
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	out := tar.NewWriter(zipped)
	for _, p := range parts {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: p.name, Size: int64(len(p.text)), Mode: 0o600, ModTime: time.Now()}
		if err := out.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(p.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
