package api

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// connection is an answer's writer that remembers its deadlines.
type connection struct {
	*httptest.ResponseRecorder

	read, write time.Time
}

func (c *connection) SetReadDeadline(at time.Time) error {
	c.read = at
	return nil
}

func (c *connection) SetWriteDeadline(at time.Time) error {
	c.write = at
	return nil
}

// chunks is a body of which each read brings so many bytes, and then an error.
type chunks struct {
	sizes []int
	err   error
}

func (c *chunks) Read([]byte) (int, error) {
	if len(c.sizes) == 0 {
		return 0, c.err
	}
	n := c.sizes[0]
	c.sizes = c.sizes[1:]
	return n, nil
}

func TestPace(t *testing.T) {
	conn := &connection{ResponseRecorder: httptest.NewRecorder()}
	body := &chunks{sizes: []int{0, slowestPace, 60 * slowestPace}, err: fmt.Errorf("read tcp: %w", os.ErrDeadlineExceeded)}
	r := paced{pace: newPace(conn), body: body}
	for n, want := range []time.Duration{time.Minute, time.Minute, time.Minute + time.Second, 2*time.Minute + time.Second} {
		_, err := r.Read(nil)
		if got := conn.read.Sub(r.started); got != want {
			t.Errorf("with %d bytes read, reading may take %v, want %v", r.passed, got, want)
		}
		if got := conn.write.Sub(conn.read); got != paceGrace {
			t.Errorf("the answer may take %v longer, want %v", got, paceGrace)
		}
		if ended := errors.Is(err, errTooSlow); ended != (n == 3) {
			t.Errorf("error %v after %d bytes", err, r.passed)
		}
	}

	w := pacedWriter{conn, newPace(conn)}
	for _, want := range []time.Duration{time.Minute, time.Minute + 2*time.Second} {
		if _, err := w.Write(make([]byte, 2*slowestPace)); err != nil {
			t.Fatal(err)
		}
		if got := conn.write.Sub(w.started); got != want {
			t.Errorf("with %d bytes written, writing may take %v, want %v", w.passed, got, want)
		}
	}
}
