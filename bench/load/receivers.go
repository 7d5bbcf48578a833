package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// receivers are local services that deliveries go to, each at a port of its own. They share the
// machine with the server that calls them, so they understand no more of HTTP than they have to.
type receivers struct {
	urls   []string
	answer []byte

	listeners []net.Listener
	serving   sync.WaitGroup
	arrived   atomic.Int64
	events    *events

	mu    sync.Mutex
	times []time.Duration // from an event to its arrival
}

const (
	taken   = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
	refused = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 3600\r\n\r\n"
)

// listen opens that many receivers. All give the same answer.
func listen(ctx context.Context, n int, answer string, e *events) (*receivers, error) {
	r := &receivers{answer: []byte(answer), events: e}
	for range n {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			r.close()
			return nil, err
		}
		r.listeners = append(r.listeners, l)
		r.urls = append(r.urls, "http://"+l.Addr().String()+"/hook")
		r.serving.Go(func() { r.accept(l) })
	}
	return r, nil
}

func (r *receivers) close() {
	for _, l := range r.listeners {
		_ = l.Close()
	}
	r.serving.Wait()
}

func (r *receivers) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go r.serve(conn)
	}
}

// serve answers until the server hangs up.
func (r *receivers) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 4<<10)
	var body []byte
	for {
		var err error
		if body, err = readCall(in, body[:0]); err != nil {
			return
		}
		at := time.Now()
		if _, err := conn.Write(r.answer); err != nil {
			return
		}
		r.note(body, at)
	}
}

func (r *receivers) note(body []byte, at time.Time) {
	if due, ok := r.events.due(body); ok {
		r.mu.Lock()
		r.times = append(r.times, at.Sub(due))
		r.mu.Unlock()
	}
	r.arrived.Add(1)
}

// take answers the times since it was asked last, ascending.
func (r *receivers) take() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	times := r.times
	r.times = nil
	slices.Sort(times)
	return times
}

// readCall reads one request and gives its body.
func readCall(in *bufio.Reader, body []byte) ([]byte, error) {
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return body, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return body, err
			}
		}
	}
	body = slices.Grow(body, length)[:length]
	_, err := io.ReadFull(in, body)
	return body, err
}

// events are what was sent to the server, and when each was due.
type events struct {
	sent atomic.Int64
	mu   sync.RWMutex
	dues []time.Time
}

// eventName is how an event is found in a delivery.
const (
	eventName = "event-"
	eventSize = len(eventName) + 8
)

// next names another event, which is due at a time.
func (e *events) next(due time.Time) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dues = append(e.dues, due)
	e.sent.Add(1)
	return fmt.Sprintf("%s%08d", eventName, len(e.dues)-1)
}

// due finds the event that a body is about, and when it was due.
func (e *events) due(body []byte) (time.Time, bool) {
	at := bytes.Index(body, []byte(eventName))
	if at < 0 || len(body) < at+eventSize {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(string(body[at+len(eventName) : at+eventSize]))
	e.mu.RLock()
	defer e.mu.RUnlock()
	if err != nil || n >= len(e.dues) {
		return time.Time{}, false
	}
	return e.dues[n], true
}

var errSilence = errors.New("nothing arrives any more")

// await waits until so many deliveries have arrived in all.
func (r *receivers) await(ctx context.Context, want int64) error {
	const patience = 30 * time.Second
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for last, since := r.arrived.Load(), time.Now(); ; {
		now := r.arrived.Load()
		switch {
		case now >= want:
			return nil
		case now != last:
			last, since = now, time.Now()
		case time.Since(since) > patience:
			return fmt.Errorf("%w: %d of %d deliveries", errSilence, now, want)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
