package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Files take longer than the server's time-outs allow other requests. Who carries one has paceGrace,
// and more time for each byte that has passed, as long as the pace stays above the slowest.
const (
	paceGrace   = time.Minute
	slowestPace = 8 << 10 // bytes per second, on average
)

// errTooSlow is why a body is not read to its end.
var errTooSlow = errors.New("it came too slowly")

// pace moves a connection's deadlines along with what has passed.
type pace struct {
	control *http.ResponseController
	started time.Time
	passed  int64
}

func newPace(w http.ResponseWriter) *pace {
	return &pace{control: http.NewResponseController(w), started: time.Now()}
}

// deadline is when the next bytes have to have passed.
func (p *pace) deadline() time.Time {
	return p.started.Add(paceGrace + time.Duration(p.passed)*time.Second/slowestPace)
}

// paced reads a request's body at its pace.
type paced struct {
	*pace

	body io.Reader
}

func (r paced) Read(b []byte) (int, error) {
	until := r.deadline()
	// Where nothing can be set there is no connection that could be too slow.
	_ = r.control.SetReadDeadline(until)
	_ = r.control.SetWriteDeadline(until.Add(paceGrace)) // for the answer
	n, err := r.body.Read(b)
	r.passed += int64(n)
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &unreadable{err: errTooSlow}
	default:
		return n, &unreadable{err: err}
	}
}

// pacedWriter writes an answer's body at its pace.
type pacedWriter struct {
	http.ResponseWriter
	*pace
}

func (w pacedWriter) Write(b []byte) (int, error) {
	_ = w.control.SetWriteDeadline(w.deadline())
	n, err := w.ResponseWriter.Write(b)
	w.passed += int64(n)
	return n, err
}
