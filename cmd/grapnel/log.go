package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/api"
)

const (
	// So long may a line wait for others, with which it is then written. Under load a write per line
	// is a twentieth of the server's work.
	linger = 10 * time.Millisecond
	// So much is written without waiting longer.
	fullLog = 16 << 10
)

// newLogger writes to out, by way of lines, which has to be flushed at the end.
func newLogger(out io.Writer, level slog.Leveler) (logger *slog.Logger, l *lines) {
	l = &lines{to: out}
	l.timer = time.AfterFunc(time.Hour, l.flush)
	l.timer.Stop()
	return slog.New(api.RequestIDs(urgent{slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level}), l})), l
}

// lines gathers the lines of a log for a moment, so that one write serves several. A process that is
// killed loses those of that moment.
type lines struct {
	to io.Writer

	mu      sync.Mutex
	waiting []byte
	timer   *time.Timer
}

// Write takes one line or several.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.timer.Reset(linger)
	}
	l.waiting = append(l.waiting, line...)
	if len(l.waiting) < fullLog {
		return len(line), nil
	}
	return len(line), l.write()
}

// flush writes what waits.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.write() // there is nobody to tell: this is the log
}

func (l *lines) write() error {
	if len(l.waiting) == 0 {
		return nil
	}
	_, err := l.to.Write(l.waiting)
	l.waiting = l.waiting[:0]
	return err
}

// urgent lets warnings and errors, and what came before them, wait for nothing.
type urgent struct {
	slog.Handler
	lines *lines
}

// Handle writes a line.
func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.lines.flush()
	}
	return err
}

// WithAttrs keeps the order.
func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.lines}
}

// WithGroup keeps the order.
func (u urgent) WithGroup(name string) slog.Handler {
	return urgent{u.Handler.WithGroup(name), u.lines}
}
