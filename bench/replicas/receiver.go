package main

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// arrival is one call that reached a receiver.
type arrival struct {
	delivered

	webhookID string
	status    int // answered
	quiet     bool
}

// delivered is an event at a receiver.
type delivered struct{ receiver, event string }

func (d delivered) String() string { return d.receiver + " " + d.event }

// The receivers. The one that fails answers one call in failing with 503.
const failing = 20

var allReceivers = []string{"/sound", "/failing"}

// receivers are the services that deliveries go to, each with a path of its own.
type receivers struct {
	url    string
	server *http.Server

	mu    sync.Mutex
	quiet bool // nobody has been killed yet
	calls []arrival
	got   map[delivered]bool
	last  time.Time
}

func startReceivers(ctx context.Context) (*receivers, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receivers{url: "http://" + l.Addr().String(), quiet: true, got: map[delivered]bool{}, last: time.Now()}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(l) }()
	return r, nil
}

func (r *receivers) close() { _ = r.server.Close() }

// ServeHTTP implements http.Handler.
func (r *receivers) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it did not arrive whole, so nobody can act on it
	}
	var in struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(body, &in)
	status := r.add(arrival{delivered: delivered{req.URL.Path, in.Text}, webhookID: req.Header.Get("Webhook-Id")})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "{}")
}

func (r *receivers) add(a arrival) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.status, a.quiet = http.StatusOK, r.quiet
	if a.receiver == "/failing" && rand.N(failing) == 0 { //nolint:gosec // no secret depends on it
		a.status = http.StatusServiceUnavailable
	}
	r.last = time.Now()
	r.calls = append(r.calls, a)
	if a.status == http.StatusOK {
		r.got[a.delivered] = true
	}
	return a.status
}

// endQuiet says that from now on servers are killed.
func (r *receivers) endQuiet() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.quiet = false
}

// count is how many deliveries have arrived, each counted once, and when the latest call came.
func (r *receivers) count() (n int, last time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got), r.last
}

func (r *receivers) arrivals() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.calls...)
}
