package scripts

import "sync"

// lastWords keeps the beginning of what a worker writes to stderr: what Go's runtime says when it
// gives up. The rest is dropped, so that a worker can neither block nor fill its parent.
type lastWords struct {
	mu  sync.Mutex
	buf []byte
}

func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room := lastWordsSize - len(l.buf)
	l.buf = append(l.buf, b[:min(room, len(b))]...)
	return len(b), nil
}

func (l *lastWords) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf
}

func (l *lastWords) text() string { return string(l.bytes()) }
