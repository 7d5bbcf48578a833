package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
)

// RestoringName is the folder inside a data folder in which a backup is unpacked. While it is there,
// the data folder is not whole and no server opens it.
const RestoringName = "restoring"

// UnfinishedError refuses a data folder into which a backup was not restored to the end.
type UnfinishedError struct{ Dir string }

// Error says what to do.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("a restore into %s did not finish: run `grapnel restore` again", e.Dir)
}

func unfinished(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, RestoringName))
	return err == nil
}

// Hold takes a data folder, which is made where it does not exist, so that no server can use it until
// release is called.
func Hold(dir string) (release func() error, err error) {
	dir, err = makeFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return lock.release, nil
}

// LockName is the file by which a data folder is held. It stays when nobody holds it.
const LockName = lockName

// SyncFolder flushes the names of a folder's files to disk.
func SyncFolder(dir string) error { return syncFolder(dir) }
