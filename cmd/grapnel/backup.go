package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/sqlite"
)

// errMongoBackup refuses to back up a database that has tools of its own for that.
var errMongoBackup = errors.New("MONGO_URL is set, and a backup is of a data folder: back up a MongoDB with mongodump, or unset MONGO_URL")

type backupCommand struct {
	dataSettings

	File string `arg:"" help:"File to write. It must not exist."`
}

// Run writes a backup, beside a running server or without one.
func (b *backupCommand) Run() error {
	ctx, stop := untilTold()
	defer stop()
	if b.MongoURL != "" {
		return errMongoBackup
	}
	began := time.Now()
	note("copying the database of %s", b.DataDir)
	size, err := store.Backup{
		Folder: b.DataDir, File: b.File, MadeBy: builtVersion(), MadeAt: began.UTC().Truncate(time.Second), Packed: everyFewSeconds(began),
	}.Make(ctx)
	switch {
	case errors.Is(err, sqlite.ErrNoData):
		return fmt.Errorf("there is no data in %s: name the folder with --data-dir", b.DataDir)
	case err != nil:
		return fmt.Errorf("no backup was made in %s: %w", b.File, err)
	}
	say("Backed up %s to %s: %s in %.1f s. It holds tokens and password hashes: keep it where only you can read it.",
		b.DataDir, b.File, megabytes(size), time.Since(began).Seconds())
	return nil
}

type restoreCommand struct {
	dataSettings

	File string `arg:"" help:"File that grapnel backup wrote."`
}

// Run brings a backup into an empty data folder.
func (r *restoreCommand) Run() error {
	ctx, stop := untilTold()
	defer stop()
	if r.MongoURL != "" {
		return errMongoBackup
	}
	done, err := store.Restore(ctx, r.File, r.DataDir)
	if err != nil {
		return fmt.Errorf("nothing was restored to %s: %w", r.DataDir, err)
	}
	say("Restored the backup of %s to %s, with %s.", done.MadeAt.Format(time.RFC1123), r.DataDir, counted(done.Files, "uploaded file", "uploaded files"))
	return nil
}

// untilTold ends when somebody interrupts the command, which then clears away what it has begun.
func untilTold() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
}

// everyFewSeconds tells who waits how far a long backup has come.
func everyFewSeconds(last time.Time) func(done, total int64) {
	const pause = 5 * time.Second
	return func(done, total int64) {
		if now := time.Now(); now.Sub(last) >= pause {
			last = now
			note("packed %s of %s", megabytes(done), megabytes(total))
		}
	}
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// note tells what goes on, beside what the command answers.
func note(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, "grapnel: "+format+"\n", args...)
}
