package sqlite

import (
	"fmt"
	"os"
)

// openLogToFlush opens the log of a database that is open. SQLite would flush it within each commit,
// and the writer could do nothing meanwhile. Its locks are on other files, which nobody else opens: to
// close one of those would give the locks up.
func openLogToFlush(database string) (*os.File, error) {
	f, err := os.OpenFile(database+"-wal", os.O_RDWR, 0) //nolint:gosec // the database's own
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return f, nil
}
