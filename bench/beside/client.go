// Package beside starts servers beside the program that measures them, sends them requests and
// reads from /proc what they use. All share the machine, so trust ratios, not figures.
//
// It also holds what such programs have in common: how they begin and end, the events that they send,
// and the promises that they check.
package beside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The client shares the machine with the server it measures, so what it costs is missing there.
// That is why it is not net/http: each connection writes the same bytes again and again and
// reads no more of the answer than its status and its length.

// Target is what a round sends requests to: a loopback address, and the bytes of one request.
type Target struct {
	Addr    string
	request []byte
}

// NewTarget prepares a webhook's POST.
func NewTarget(addr, path string, body []byte) Target {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: GitHub-Hookshot/load\r\n", path, addr)
	fmt.Fprintf(&b, "Content-Type: application/json\r\nX-GitHub-Event: push\r\nContent-Length: %d\r\n\r\n", len(body))
	b.Write(body)
	return Target{Addr: addr, request: b.Bytes()}
}

// Pace says how long to send: for a time, or a number of requests.
type Pace struct {
	Connections int
	Duration    time.Duration
	Requests    int // used if Duration is zero
}

// Sample is what a round saw.
type Sample struct {
	Requests int
	Elapsed  time.Duration
	Times    []time.Duration // of each request, ascending
}

// PerSecond is how many requests were answered in a second.
func (s Sample) PerSecond() float64 { return float64(s.Requests) / s.Elapsed.Seconds() }

// Percentile gives the time within which that share of the requests was answered.
func (s Sample) Percentile(p float64) time.Duration {
	if len(s.Times) == 0 {
		return 0
	}
	return s.Times[int(p*float64(len(s.Times)-1))]
}

// Millis words a percentile in milliseconds.
func (s Sample) Millis(p float64) string {
	return fmt.Sprintf("%.2f", float64(s.Percentile(p).Microseconds())/1000)
}

// stall is how long a round may take beyond its plan before it counts as hung.
const stall = 60 * time.Second

// Send opens the connections and keeps one request in flight on each. Any answer but 200 ends
// the round with an error: its speed would mean nothing.
func Send(ctx context.Context, t Target, p Pace) (Sample, error) {
	conns := make([]*connection, p.Connections)
	for i := range conns {
		c, err := connect(ctx, t)
		if err != nil {
			return Sample{}, err
		}
		defer c.close()
		conns[i] = c
	}
	defer context.AfterFunc(ctx, func() {
		for _, c := range conns {
			c.close()
		}
	})()

	var sending sync.WaitGroup
	begin := time.Now()
	for i, c := range conns {
		share := (p.Requests + i) / p.Connections // all shares together are p.Requests
		sending.Go(func() { c.repeat(begin, p.Duration, share) })
	}
	sending.Wait()
	return collect(conns, time.Since(begin))
}

func collect(conns []*connection, elapsed time.Duration) (Sample, error) {
	s := Sample{Elapsed: elapsed}
	errs := make([]error, len(conns))
	for i, c := range conns {
		s.Times = append(s.Times, c.times...)
		errs[i] = c.err
	}
	if err := errors.Join(errs...); err != nil {
		return Sample{}, fmt.Errorf("after %d requests: %w", len(s.Times), firstOf(errs))
	}
	s.Requests = len(s.Times)
	slices.Sort(s.Times)
	return s, nil
}

func firstOf(errs []error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	return errs[i]
}

// connection is one keep-alive connection and what it saw.
type connection struct {
	conn    net.Conn
	request []byte
	buf     []byte
	times   []time.Duration
	err     error
}

func connect(ctx context.Context, t Target) (*connection, error) {
	if !strings.HasPrefix(t.Addr, "127.") {
		return nil, fmt.Errorf("%s is not a loopback address", t.Addr)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return nil, err
	}
	return &connection{
		conn:    conn,
		request: t.request,
		buf:     make([]byte, 16<<10),
		times:   make([]time.Duration, 0, 1<<14),
	}, nil
}

func (c *connection) close() { _ = c.conn.Close() }

// repeat sends until the duration, counted from begin, is over, or the number of requests is
// reached if there is no duration.
func (c *connection) repeat(begin time.Time, duration time.Duration, requests int) {
	if c.err = c.conn.SetDeadline(begin.Add(duration + stall)); c.err != nil {
		return
	}
	for start := time.Now(); c.wants(start.Sub(begin), duration, requests); {
		if c.err = c.exchange(); c.err != nil {
			return
		}
		end := time.Now()
		c.times = append(c.times, end.Sub(start))
		start = end
	}
}

func (c *connection) wants(since, duration time.Duration, requests int) bool {
	if duration > 0 {
		return since < duration
	}
	return len(c.times) < requests
}

// exchange sends the request and reads its answer.
func (c *connection) exchange() error {
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	size, total := 0, -1
	for total < 0 || size < total {
		n, err := c.conn.Read(c.buf[size:])
		if err != nil {
			return err
		}
		size += n
		if total < 0 {
			if total, err = answerSize(c.buf[:size]); err != nil {
				return err
			}
		}
		if total > len(c.buf) || size == len(c.buf) {
			return fmt.Errorf("an answer of over %d bytes", len(c.buf))
		}
	}
	if size > total {
		return fmt.Errorf("%d bytes after the end of an answer", size-total)
	}
	return checkStatus(c.buf[:total])
}

var (
	headerEnd     = []byte("\r\n\r\n")
	lineEnd       = []byte("\r\n")
	contentLength = []byte("content-length:")
)

// answerSize gives the size of the whole answer, or -1 while its header is not complete.
func answerSize(got []byte) (int, error) {
	end := bytes.Index(got, headerEnd)
	if end < 0 {
		return -1, nil
	}
	for rest := got[:end]; len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, lineEnd)
		if len(line) < len(contentLength) || !bytes.EqualFold(line[:len(contentLength)], contentLength) {
			continue
		}
		length, err := strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):])))
		if err != nil {
			return 0, fmt.Errorf("content length: %w", err)
		}
		return end + len(headerEnd) + length, nil
	}
	return 0, fmt.Errorf("an answer without content length: %q", got[:end])
}

// checkStatus takes 200 only, and otherwise shows what the server said.
func checkStatus(answer []byte) error {
	const from, to = len("HTTP/1.1 "), len("HTTP/1.1 200")
	if len(answer) >= to && string(answer[from:to]) == "200" {
		return nil
	}
	return fmt.Errorf("the server answered %.300q", answer)
}
