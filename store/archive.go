package store

import (
	"context"
	"fmt"
	"io"
	"time"
)

// A backup is a gzip-compressed tar file, so that its parts can be looked at with what every system
// has: first a manifest, then the database, then the files that were uploaded.
const (
	archiveFormat = 1
	manifestName  = "backup.json"
	databaseName  = "grapnel.db"
	uploadsName   = "uploads"
)

// manifest says what a backup is.
type manifest struct {
	Format int       `json:"format"`
	Schema int       `json:"schema"`
	MadeAt time.Time `json:"made_at"`
	MadeBy string    `json:"made_by"`
}

// BadBackupError refuses a file that cannot be restored.
type BadBackupError struct {
	File   string
	Reason string
}

// Error names the file and the reason.
func (e *BadBackupError) Error() string { return e.File + " cannot be restored: " + e.Reason }

// counted reads until the context ends, and tells how far it has come.
type counted struct {
	ctx  context.Context
	from io.Reader
	read func(n int)
}

func (c counted) Read(into []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	n, err := c.from.Read(into)
	c.read(n)
	return n, err
}

// partOf names a part of a backup in an error.
func partOf(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
