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
	"path"
	"path/filepath"
	"syscall"
	"time"

	"github.com/grapnel-chat/grapnel/store/sqlite"
)

// Why a backup is not made.
var (
	ErrFileExists = errors.New("the file exists, and a backup replaces nothing")
	ErrBackupBusy = errors.New("another backup is being written to that file")
)

// Backup is what to copy where. A server may be at work on the folder.
type Backup struct {
	Folder string // the data folder
	File   string // must not exist
	MadeBy string // version of the program
	MadeAt time.Time
	// Packed is told how many bytes of how many have been packed.
	Packed func(done, total int64)
}

// Make writes the backup and answers its size. Everything that the server had answered with success
// before is in it, as it was at one moment. The file gets its name when it is whole and on disk; what
// is written before is called FILE.partial, and the next try clears away what a crash left of it.
func (b Backup) Make(ctx context.Context) (size int64, err error) {
	if _, err := os.Lstat(b.File); err == nil {
		return 0, ErrFileExists
	}
	partial := b.File + ".partial"
	out, err := takePartial(partial)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	defer func() { _ = os.Remove(partial) }() // gone already where all went well
	snapshot := partial + ".db"
	defer func() { err = errors.Join(err, removeDatabase(snapshot)) }()
	m, err := b.snapshot(ctx, snapshot)
	if err != nil {
		return 0, err
	}
	if err := b.pack(ctx, out, m, snapshot); err != nil {
		return 0, err
	}
	if err := out.Sync(); err != nil {
		return 0, err
	}
	info, err := out.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), publish(partial, b.File)
}

// takePartial opens the file that becomes the backup, readable by its owner only, and keeps others
// from writing to it at the same time.
func takePartial(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrBackupBusy
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// snapshot copies the database, reads the copy once over, and answers what it is: a backup that
// cannot be restored is worse than none.
func (b Backup) snapshot(ctx context.Context, into string) (manifest, error) {
	if err := removeDatabase(into); err != nil {
		return manifest{}, err
	}
	f, err := os.OpenFile(into, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the file that the caller names
	if err != nil {
		return manifest{}, err
	}
	if err := f.Close(); err != nil {
		return manifest{}, err
	}
	if err := sqlite.Snapshot(ctx, b.Folder, into); err != nil {
		return manifest{}, err
	}
	version, err := sqlite.Examine(ctx, into)
	if newer, ok := errors.AsType[*sqlite.NewerError](err); ok {
		newer.Dir = b.Folder
	}
	return manifest{Format: archiveFormat, Schema: version, MadeAt: b.MadeAt, MadeBy: b.MadeBy}, err
}

// removeDatabase removes a database with what a crash may have left beside it: SQLite would play an old
// journal back into a new file.
func removeDatabase(path string) error {
	for _, behind := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + behind); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (b Backup) pack(ctx context.Context, out io.Writer, m manifest, snapshot string) error {
	files, total, err := b.files(snapshot)
	if err != nil {
		return err
	}
	zipped, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	p := packer{ctx: ctx, out: tar.NewWriter(zipped), at: m.MadeAt, total: total, packed: b.Packed}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := p.text(manifestName, text); err != nil {
		return err
	}
	for _, f := range files {
		if err := p.file(f); err != nil {
			return partOf(f.name, err)
		}
	}
	return errors.Join(p.out.Close(), zipped.Close())
}

// packedFile is a file and its name in the backup.
type packedFile struct {
	name string
	path string
}

// files lists what goes into the backup behind the manifest. What is uploaded after the copy of the
// database was made is not part of it, but does no harm.
func (b Backup) files(snapshot string) (files []packedFile, total int64, err error) {
	info, err := os.Stat(snapshot)
	if err != nil {
		return nil, 0, err
	}
	files, total = []packedFile{{databaseName, snapshot}}, info.Size()
	uploads := filepath.Join(b.Folder, uploadsName)
	err = filepath.WalkDir(uploads, func(at string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // nobody has uploaded anything, or it was removed just now
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		below, err := filepath.Rel(uploads, at)
		files = append(files, packedFile{path.Join(uploadsName, filepath.ToSlash(below)), at})
		total += info.Size()
		return err
	})
	return files, total, err
}

// packer writes the parts of a backup.
type packer struct {
	ctx    context.Context
	out    *tar.Writer
	at     time.Time
	done   int64
	total  int64
	packed func(done, total int64)
}

func (p *packer) text(name string, text []byte) error {
	if err := p.header(name, int64(len(text))); err != nil {
		return err
	}
	_, err := p.out.Write(text)
	return err
}

func (p *packer) header(name string, size int64) error {
	return p.out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: p.at, Format: tar.FormatPAX})
}

// file packs a file with the size that it has now. One that was removed since is left out, as its
// message is going, too.
func (p *packer) file(f packedFile) error {
	in, err := os.OpenFile(f.path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) && f.name != databaseName {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // nothing was written to it
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := p.header(f.name, info.Size()); err != nil {
		return err
	}
	from := counted{ctx: p.ctx, from: in, read: p.tell}
	if _, err = io.CopyN(p.out, from, info.Size()); errors.Is(err, io.EOF) {
		return errors.New("the file became shorter while it was read")
	}
	return err
}

func (p *packer) tell(n int) {
	p.done += int64(n)
	if p.packed != nil {
		p.packed(p.done, p.total)
	}
}

// publish gives the file its name without replacing one that appeared meanwhile.
func publish(partial, file string) error {
	err := os.Link(partial, file)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrFileExists
	case err != nil: // a file system without links
		if _, found := os.Lstat(file); found == nil {
			return ErrFileExists
		}
		err = os.Rename(partial, file)
	default:
		err = os.Remove(partial)
	}
	if err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return sqlite.SyncFolder(filepath.Dir(file))
}
