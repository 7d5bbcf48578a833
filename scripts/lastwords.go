package scripts

import (
	"io"
	"sync"
)

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

// ReadFrom lets os/exec do with a small buffer: there are many workers, and hardly one ever says a word.
func (l *lastWords) ReadFrom(from io.Reader) (n int64, err error) {
	var buf [512]byte
	for {
		read, err := from.Read(buf[:])
		_, _ = l.Write(buf[:read]) // it takes everything
		n += int64(read)
		switch {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func (l *lastWords) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf
}

func (l *lastWords) text() string { return string(l.bytes()) }
