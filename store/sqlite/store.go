package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	driver "modernc.org/sqlite"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// pageSize is SQLite's own.
const pageSize = 4096

// readers is how many connections read at the same time.
const readers = 4

// Store is everything the server keeps, in one folder that it has for itself.
type Store struct {
	dir     string
	lock    *folderLock
	writes  *sql.DB
	writer  *writer
	log     *os.File // SQLite's, to flush it
	merger  *merger
	reads   *reader
	records records
	uploads *uploads
	added   chan struct{}
	filled  filledLanes
	fresh   fresh
	changes atomic.Int64 // of what servers hold in memory
	closing func() error
}

// Open opens a data folder and makes it where it does not exist. It answers a *LockedError where
// another server uses the folder, a *NewerError where a newer version has, and an *UnfinishedError
// where a restore broke off.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := makeFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if unfinished(dir) {
		return nil, errors.Join(&UnfinishedError{Dir: dir}, lock.release())
	}
	s := &Store{dir: dir, lock: lock, records: newRecords(), added: make(chan struct{}, 1)}
	s.fresh.settle()
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open data folder: %w", err), s.release())
	}
	go s.writer.run(context.WithoutCancel(ctx))
	go s.merger.run(context.WithoutCancel(ctx))
	s.closing = sync.OnceValue(s.close)
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := makeFile(s.dir, databaseName); err != nil {
		return err
	}
	path := filepath.Join(s.dir, databaseName)
	var err error
	// SQLite flushes the log before it is brought into the database, and the writer after commits. The
	// merger brings it there, or the writer does should that be late, and what a burst made of it is
	// cut off.
	s.writes, err = connect(path, "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-4096)",
		fmt.Sprintf("wal_autocheckpoint(%d)", logLimit), fmt.Sprintf("journal_size_limit(%d)", logLimit*pageSize))
	if err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(1)
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return err
	}
	s.writer = newWriter(conn, func() error { return flushFile(s.log) })
	if err := migrate(ctx, conn, s.dir); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, endLeases); err != nil {
		return fmt.Errorf("end leases: %w", err)
	}
	if s.log, err = openLogToFlush(path); err != nil {
		return err
	}
	if s.merger, err = newMerger(path, s.writer); err != nil {
		return err
	}
	if s.uploads, err = openUploads(ctx, conn, s.dir); err != nil {
		return err
	}
	reads, err := connect(path, "query_only(1)", "cache_size(-1024)")
	if err != nil {
		return err
	}
	reads.SetMaxOpenConns(readers)
	reads.SetMaxIdleConns(readers)
	s.reads = newReader(reads)
	if err := s.reads.db.PingContext(ctx); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// connect opens a database with the given settings on each of its connections.
func connect(path string, pragmas ...string) (*sql.DB, error) {
	return connectAs(path, "rwc", pragmas...)
}

// connectAs is connect for a mode of SQLite's: rwc, or ro for a database that is only looked at.
func connectAs(path, mode string, pragmas ...string) (*sql.DB, error) {
	query := url.Values{"_dqs": {"0"}, "mode": {mode}, "_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	location := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}
	connector, err := driver.NewConnector(location.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Ping answers nil while the store can be read and its writer is at work.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.Seeded(ctx); err != nil {
		return err
	}
	if err := s.writer.write(ctx, durable, func(*tx) error { return nil }); err != nil {
		return fmt.Errorf("reach the writer: %w", err)
	}
	return nil
}

// Close finishes the writes that were accepted, brings the log into the database and gives the
// folder back. Whatever comes later is refused with ErrClosed; closing once more changes nothing.
func (s *Store) Close() error { return s.closing() }

func (s *Store) close() error {
	s.merger.stop()
	s.writer.close()
	readErr := s.reads.close()
	err := s.writer.whole()
	if err == nil {
		_, err = s.writer.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return errors.Join(readErr, err, s.release())
}

// release closes what is open and gives the folder back.
func (s *Store) release() error {
	var errs []error
	if s.reads != nil {
		errs = append(errs, s.reads.close())
	}
	if s.merger != nil {
		errs = append(errs, s.merger.db.Close())
	}
	if s.uploads != nil {
		errs = append(errs, s.uploads.close())
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.conn.Close())
	}
	if s.writes != nil {
		errs = append(errs, s.writes.Close())
	}
	return errors.Join(append(errs, s.lock.release())...)
}

// write hands a write to the writer and names it in the error.
func (s *Store) write(ctx context.Context, action string, do func(*tx) error) error {
	return s.writeAs(ctx, durable, action, do)
}

func (s *Store) writeAs(ctx context.Context, k kind, action string, do func(*tx) error) error {
	if err := s.writer.write(ctx, k, do); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// The ports that a Store fills.
var (
	_ workspace.Store    = (*Store)(nil)
	_ integrations.Store = (*Store)(nil)
	_ integrations.Queue = (*Store)(nil)
	_ permissions.Store  = (*Store)(nil)
)
