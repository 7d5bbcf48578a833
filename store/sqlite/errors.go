package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Why a data folder or a store that was closed is refused.
var (
	ErrLocked = errors.New("data folder is in use")
	ErrNewer  = errors.New("data folder is newer than this version")
	ErrClosed = errors.New("store is closed")
)

// LockedError refuses a data folder that another server uses.
type LockedError struct {
	Dir string
	PID int // of the other server; zero where it is unknown
}

// Error names the folder and the process that holds it.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("data folder %s is in use by another grapnel", e.Dir)
	}
	return fmt.Sprintf("data folder %s is in use by another grapnel (pid %d): stop it first, or name another folder with DATA_DIR", e.Dir, e.PID)
}

// Is makes every LockedError an ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// NewerError refuses a data folder that a newer version has written.
type NewerError struct {
	Dir     string
	Found   int // schema version in the folder
	Highest int // schema version that this program knows
}

// Error names both versions.
func (e *NewerError) Error() string {
	return fmt.Sprintf("data folder %s was written by a newer grapnel: its schema version is %d, this program knows versions up to %d",
		e.Dir, e.Found, e.Highest)
}

// Is makes every NewerError an ErrNewer.
func (e *NewerError) Is(target error) bool { return target == ErrNewer }

// flushError says that the disk did not take what had been committed.
type flushError struct{ cause error }

// Error says what to do.
func (e *flushError) Error() string {
	return fmt.Sprintf("flush the log: %v: nothing more is written until the server is started again", e.cause)
}

// Unwrap makes it one of those that leave open what was kept.
func (e *flushError) Unwrap() []error { return []error{workspace.ErrUnavailable, e.cause} }

// refusal puts SQLite's refusal of a write into the words of the workspace.
func refusal(err error) error {
	e, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return err
	}
	switch e.Code() {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", workspace.ErrConflict, err)
	}
	if diskRefused(e) {
		return fmt.Errorf("%w: %w", workspace.ErrFull, err)
	}
	return err
}

// diskRefused reports whether the disk is behind a refusal. SQLite may have given up the open
// transaction by then.
func diskRefused(e *driver.Error) bool {
	primary := e.Code() & 0xff
	return primary == codes.SQLITE_FULL || primary == codes.SQLITE_IOERR
}

// missing puts the absence of a row into the words of the workspace.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return workspace.ErrNotFound
	}
	return err
}
