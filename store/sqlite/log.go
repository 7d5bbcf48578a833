package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/grapnel-chat/grapnel/integrations"
)

// logName is the database of the log, beside the one that everything else is in: its writes never
// wait for each other, and it may lose what it was given last where the other may not.
const logName = "log.db"

// logVersion is that of the log's schema. A log of another version is put aside.
const logVersion = 1

//go:embed log.sql
var logSchema string

// Log keeps exchanges in a data folder. Those of one integration that are added together make a
// block, one row: so a busy hook's entry costs a fraction of a row.
type Log struct {
	mu     sync.Mutex // one write at a time
	writes *sql.DB
	conn   *sql.Conn
	reads  *reader
	totals map[string]logTotal // of integrations that have exchanges
	block  block               // whose space is used again
}

// logTotal is what an integration's blocks amount to.
type logTotal struct {
	entries int
	bytes   int64
	oldest  int64 // when its first block began, about
}

// OpenLog opens the log of a data folder that a Store of this process has for itself. A log that
// cannot be read is put aside, and a new one begun: nothing else depends on it.
func OpenLog(ctx context.Context, dir string) (*Log, error) {
	dir, err := makeFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	l, err := openLog(ctx, dir)
	if isNoLog(err) {
		path := filepath.Join(dir, logName)
		if err := os.Rename(path, path+".damaged"); err != nil {
			return nil, fmt.Errorf("put the log aside: %w", err)
		}
		for _, behind := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + behind) // it belongs to what was put aside
		}
		l, err = openLog(ctx, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return l, nil
}

// errOtherLog is a log that another version has written.
var errOtherLog = errors.New("log has another schema")

func isNoLog(err error) bool {
	e, ok := errors.AsType[*driver.Error](err)
	return errors.Is(err, errOtherLog) || ok && (e.Code()&0xff == codes.SQLITE_CORRUPT || e.Code()&0xff == codes.SQLITE_NOTADB)
}

func openLog(ctx context.Context, dir string) (l *Log, err error) {
	if err := makeFile(dir, logName); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, logName)
	l = &Log{totals: map[string]logTotal{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	// Nothing is flushed at a commit: a crash of the machine loses the last moments, and only those.
	l.writes, err = connect(path, "page_size(16384)", "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-2048)",
		"wal_autocheckpoint(500)", "journal_size_limit(33554432)")
	if err != nil {
		return l, err
	}
	l.writes.SetMaxOpenConns(1)
	if l.conn, err = l.writes.Conn(ctx); err != nil {
		return l, err
	}
	if err := l.prepare(ctx); err != nil {
		return l, err
	}
	reads, err := connect(path, "query_only(1)", "cache_size(-512)")
	if err != nil {
		return l, err
	}
	reads.SetMaxOpenConns(2)
	l.reads = newReader(reads)
	return l, l.count(ctx)
}

// prepare makes the schema of a new log.
func (l *Log) prepare(ctx context.Context) error {
	var version int
	if err := l.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch version {
	case logVersion:
		return nil
	case 0:
		_, err := l.conn.ExecContext(ctx, logSchema)
		return refusal(err)
	default:
		return errOtherLog
	}
}

// count adds up what is there.
func (l *Log) count(ctx context.Context) error {
	const query = "SELECT integration_id, sum(entries), sum(bytes), min(began) FROM blocks GROUP BY integration_id"
	return l.reads.all(ctx, query, nil, func(rows *sql.Rows) error {
		var id string
		var total logTotal
		err := rows.Scan(&id, &total.entries, &total.bytes, &total.oldest)
		l.totals[id] = total
		return err
	})
}

// Close gives the log's file back. The log is of no use afterwards.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.close()
}

func (l *Log) close() error {
	var errs []error
	if l.reads != nil {
		errs = append(errs, l.reads.close())
	}
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
	}
	if l.writes != nil {
		errs = append(errs, l.writes.Close())
	}
	return errors.Join(errs...)
}

var _ integrations.ExchangeStore = (*Log)(nil)
