package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/grapnel-chat/grapnel/workspace"
)

// partSuffix ends the name of a content that is still written.
const partSuffix = ".part"

// uploads is the folder of files' contents.
type uploads struct {
	dir  string
	root *os.Root
}

// openUploads opens the folder and makes it where it does not exist. What was arriving when the
// last process ended will not arrive any more.
func openUploads(ctx context.Context, conn *sql.Conn, dir string) (*uploads, error) {
	if _, err := conn.ExecContext(ctx, "UPDATE files SET state = ? WHERE state = ?", dropped, arriving); err != nil {
		return nil, fmt.Errorf("drop files that did not arrive: %w", refusal(err))
	}
	dir, err := makeFolder(filepath.Join(dir, uploadsName))
	if err != nil {
		return nil, fmt.Errorf("make folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder of files: %w", err)
	}
	return &uploads{dir: dir, root: root}, nil
}

func (u *uploads) close() error { return u.root.Close() }

// keep writes a content to its end and answers its size. Under its own name there is never a half
// of it, and once it is answered, content and name are on disk.
func (u *uploads) keep(id string, content io.Reader) (int64, error) {
	part, err := u.root.OpenFile(id+partSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fullDisk(err)
	}
	size, err := writeOut(part, content)
	if err == nil {
		err = u.root.Rename(id+partSuffix, id)
	}
	if err == nil {
		err = syncFolder(u.dir)
	}
	if err != nil {
		return 0, errors.Join(fullDisk(err), u.remove(id))
	}
	return size, nil
}

// writeOut writes the content, flushes and closes the file.
func writeOut(f *os.File, content io.Reader) (int64, error) {
	size, err := io.Copy(f, content)
	if err == nil {
		err = f.Sync()
	}
	return size, errors.Join(err, f.Close())
}

// fullDisk puts the system's words for a disk that holds no more into the workspace's.
func fullDisk(err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return fmt.Errorf("%w: %w", workspace.ErrFull, err)
		}
	}
	return err
}

func (u *uploads) open(id string) (*os.File, error) { return u.root.Open(id) }

// remove removes whatever there is of a content.
func (u *uploads) remove(id string) error {
	var failures []error
	for _, name := range []string{id, id + partSuffix} {
		if err := u.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}
