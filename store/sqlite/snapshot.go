package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoData says that a folder holds no database.
var ErrNoData = errors.New("there is no data in the folder")

// DamagedError says what is wrong with a database.
type DamagedError struct{ Found string }

// Error tells the first of what was found.
func (e *DamagedError) Error() string { return "the database is damaged: " + e.Found }

// DatabasePath is where a data folder has its database.
func DatabasePath(dir string) string { return filepath.Join(dir, databaseName) }

// Snapshot writes the database of a data folder, as it is at one moment, to a file that is empty. A server may be at work on the folder meanwhile: readers and its writer do not wait for each
// other, and everything that was answered before Snapshot began is in the copy.
func Snapshot(ctx context.Context, dir, into string) (err error) {
	path, err := filepath.Abs(DatabasePath(dir))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return ErrNoData
	} else if err != nil {
		return err
	}
	if unfinished(dir) {
		return &UnfinishedError{Dir: dir}
	}
	db, err := inspect(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", into)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		return fmt.Errorf("copy the database: %w", refusal(err))
	}
}

// Examine reads a whole database that no server uses, and answers its schema version. It answers a
// *DamagedError for one that is not whole, and a *NewerError for one of a newer version.
func Examine(ctx context.Context, path string) (version int, err error) {
	db, err := inspect(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, damaged(ctx, err)
	}
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	if version > len(steps) {
		return 0, &NewerError{Dir: path, Found: version, Highest: len(steps)}
	}
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return 0, damaged(ctx, err)
	}
	if found != "ok" {
		return 0, &DamagedError{Found: found}
	}
	var seeded bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM facts WHERE name = ?)", seededFact).Scan(&seeded); err != nil {
		return 0, damaged(ctx, err)
	}
	if !seeded {
		return 0, &DamagedError{Found: "it holds no workspace"}
	}
	return version, nil
}

// damaged tells a database that cannot be read from a look at it that was broken off.
func damaged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &DamagedError{Found: strings.TrimSpace(err.Error())}
}

// inspect opens a database without writing to it.
func inspect(path string) (*sql.DB, error) {
	db, err := connectAs(path, "ro", "cache_size(-4096)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
