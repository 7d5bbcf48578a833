package store

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/store/sqlite"
)

// ErrFolderInUse refuses to restore over what is there.
var ErrFolderInUse = errors.New("the folder is not empty, and a restore replaces nothing: move what is in it away, or name another folder with --data-dir")

// Restored says what was brought back.
type Restored struct {
	MadeAt time.Time // of the backup
	MadeBy string
	Files  int // that were uploaded
}

// Restore brings a backup into a data folder that is empty or does not exist. The whole file is
// unpacked and checked beside its place before anything gets there: a file that is damaged, or of a
// newer version, leaves the folder as it was. A folder in which a restore broke off is started by no
// server; restoring into it once more begins anew.
func Restore(ctx context.Context, file, folder string) (done Restored, err error) {
	in, err := os.Open(file) //nolint:gosec // the caller names the file
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = in.Close() }() // nothing was written to it
	_, before := os.Lstat(folder)
	if err := vacant(folder); err != nil {
		return Restored{}, err
	}
	release, err := sqlite.Hold(folder)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	r := restore{ctx: ctx, file: file, folder: folder, staged: filepath.Join(folder, sqlite.RestoringName)}
	if done, err = r.stage(in); err != nil {
		return Restored{}, errors.Join(err, r.undo(errors.Is(before, fs.ErrNotExist)))
	}
	return done, r.move()
}

// vacant reports whether there is nothing in a folder but what a restore that broke off has left.
func vacant(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = os.Lstat(filepath.Join(folder, sqlite.RestoringName))
	brokeOff := err == nil
	for _, e := range entries {
		switch name := e.Name(); {
		case name == sqlite.LockName, name == sqlite.RestoringName, name == "lost+found":
		case brokeOff && (name == databaseName || name == uploadsName):
		default:
			return ErrFolderInUse
		}
	}
	return nil
}

// restore is one that is under way.
type restore struct {
	ctx    context.Context
	file   string
	folder string
	staged string // folder inside it
}

// stage unpacks the backup beside its place and checks it.
func (r restore) stage(in io.Reader) (Restored, error) {
	if err := vacant(r.folder); err != nil { // now that the folder is held
		return Restored{}, err
	}
	for _, name := range []string{databaseName, uploadsName, sqlite.RestoringName} {
		if err := os.RemoveAll(filepath.Join(r.folder, name)); err != nil {
			return Restored{}, err
		}
	}
	if err := os.Mkdir(r.staged, 0o700); err != nil {
		return Restored{}, err
	}
	done, schema, err := r.unpack(in)
	if err != nil {
		return Restored{}, err
	}
	version, err := sqlite.Examine(r.ctx, filepath.Join(r.staged, databaseName))
	if bad, ok := errors.AsType[*sqlite.DamagedError](err); ok {
		err = r.bad(bad.Error())
	}
	if newer, ok := errors.AsType[*sqlite.NewerError](err); ok {
		err = r.bad(fmt.Sprintf("it was made by a newer grapnel, whose schema version is %d; this program knows versions up to %d", newer.Found, newer.Highest))
	}
	if err == nil && version != schema {
		err = r.bad("its database is not the one that it was made with")
	}
	return done, err
}

func (r restore) bad(reason string) error { return &BadBackupError{File: r.file, Reason: reason} }

// unpack writes the parts of the backup into the staged folder and answers the schema version that
// its manifest names. It reads to the end, where the checksum stands.
func (r restore) unpack(in io.Reader) (done Restored, schema int, err error) {
	zipped, err := gzip.NewReader(in)
	if err != nil {
		return Restored{}, 0, r.bad("it is no backup")
	}
	whole := sound{from: zipped, bad: r.bad}
	parts := tar.NewReader(whole)
	m, err := r.manifest(parts)
	if err != nil {
		return Restored{}, 0, err
	}
	root, err := os.OpenRoot(r.staged)
	if err != nil {
		return Restored{}, 0, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	files := 0
	for {
		part, err := parts.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Restored{}, 0, r.damaged(err)
		}
		if !belongs(part) {
			return Restored{}, 0, r.bad("it holds " + part.Name + ", which is no part of a backup")
		}
		if err := r.write(root, part.Name, parts); err != nil {
			return Restored{}, 0, err
		}
		files++
	}
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return Restored{}, 0, r.damaged(err)
	}
	if _, err := root.Lstat(databaseName); err != nil {
		return Restored{}, 0, r.bad("it holds no database")
	}
	if err := syncFolders(r.staged); err != nil {
		return Restored{}, 0, err
	}
	return Restored{MadeAt: m.MadeAt, MadeBy: m.MadeBy, Files: files - 1}, m.Schema, nil
}

// manifest reads the first part, and refuses what this program cannot know.
func (r restore) manifest(parts *tar.Reader) (m manifest, err error) {
	const enough = 64 << 10
	part, err := parts.Next()
	if err != nil || part.Name != manifestName {
		return manifest{}, r.bad("it is no backup")
	}
	if err := json.NewDecoder(io.LimitReader(parts, enough)).Decode(&m); err != nil {
		return manifest{}, r.damaged(err)
	}
	if m.Format > archiveFormat {
		return manifest{}, r.bad(fmt.Sprintf("it was made by a newer grapnel (%s), whose backups have format %d; this program reads format %d",
			m.MadeBy, m.Format, archiveFormat))
	}
	return m, nil
}

// belongs reports whether a backup has such a part.
func belongs(part *tar.Header) bool {
	below, upload := strings.CutPrefix(part.Name, uploadsName+"/")
	return part.Typeflag == tar.TypeReg && (part.Name == databaseName || upload && filepath.IsLocal(below))
}

// write writes one part, to disk.
func (r restore) write(root *os.Root, name string, from io.Reader) (err error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return r.bad("it holds " + name + " twice")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, counted{ctx: r.ctx, from: sound{from: from, bad: r.bad}, read: func(int) {}}); err != nil {
		return err
	}
	return f.Sync()
}

// syncFolders flushes the names in a folder and in those below it.
func syncFolders(dir string) error {
	return filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return sqlite.SyncFolder(at)
	})
}

// sound turns what goes wrong while a backup is read into the reason that it is refused for, apart
// from what goes wrong while its parts are written.
type sound struct {
	from io.Reader
	bad  func(reason string) error
}

func (s sound) Read(into []byte) (int, error) {
	n, err := s.from.Read(into)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if _, told := errors.AsType[*BadBackupError](err); told {
		return n, err
	}
	return n, s.bad("it is damaged: " + err.Error())
}

// damaged is what a broken part is refused for, unless that has been said.
func (r restore) damaged(err error) error {
	if _, told := errors.AsType[*BadBackupError](err); told {
		return err
	}
	return r.bad("it is damaged: " + err.Error())
}

// move brings what was checked to its place. The staged folder goes last: while it is there, no
// server starts.
func (r restore) move() error {
	for _, name := range []string{uploadsName, databaseName} {
		err := os.Rename(filepath.Join(r.staged, name), filepath.Join(r.folder, name))
		if err != nil && (name == databaseName || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	if err := sqlite.SyncFolder(r.folder); err != nil {
		return err
	}
	if err := os.Remove(r.staged); err != nil {
		return err
	}
	return sqlite.SyncFolder(r.folder)
}

// undo leaves the folder as it was.
func (r restore) undo(made bool) error {
	if err := os.RemoveAll(r.staged); err != nil || !made {
		return err
	}
	if err := os.Remove(filepath.Join(r.folder, sqlite.LockName)); err != nil {
		return err
	}
	return os.Remove(r.folder)
}
