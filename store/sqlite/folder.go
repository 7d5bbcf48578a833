package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files in a data folder. SQLite puts its log beside the database.
const (
	databaseName = "grapnel.db"
	lockName     = "grapnel.lock"
	uploadsName  = "uploads" // the folder of files' contents
)

// makeFolder makes a data folder that only its owner can read, unless it exists, and answers its
// full path.
func makeFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	var made []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil {
			break
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, folder := range made {
		if err := syncFolder(filepath.Dir(folder)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// openFile opens a file in a folder and makes it where it does not exist, for its owner only.
func openFile(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // nothing was written through it
	return root.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}

// makeFile makes an empty file unless it exists. SQLite would let everybody read it; to its log
// it gives the permissions that it finds.
func makeFile(dir, name string) error {
	f, err := openFile(dir, name)
	if err != nil {
		return err
	}
	return f.Close()
}

// syncFolder flushes the names of a folder's files to disk: without it a crash can lose a new
// file whose content was flushed.
func syncFolder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing was written through it
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("flush %s: %w", dir, err), f.Close())
	}
	return f.Close()
}
