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

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// arrival is one call that reached a receiver.
type arrival struct {
	life      int
	receiver  string
	event     string
	webhookID string
	status    int // answered
}

// name is what it was about.
func (a arrival) name() string { return a.receiver + " " + a.event }

// receivers are the services that deliveries go to, each with a path of its own.
type receivers struct {
	url string

	server *http.Server
	open   sync.WaitGroup // connections

	mu    sync.Mutex
	life  int
	calls []arrival
	last  time.Time // when the latest call came
	tried map[delivered]bool
	got   map[delivered]bool
}

// delivered is an event at a receiver.
type delivered struct{ receiver, event string }

// The receivers. The slow one holds each call for up to maxHold. The failing one answers one first
// call in failing with 503, and the one that wants its calls in order does so more rarely, as then
// all others wait.
const (
	fast    = "/fast"
	slow    = "/slow"
	flaky   = "/flaky"
	ordered = "/ordered"

	maxHold       = 30 * time.Millisecond
	failing       = 20
	failingInLine = 200
)

// rooms are where events go, with the receivers that get to hear of them.
var rooms = map[string][]string{"general": {fast, slow, flaky}, "line": {ordered}}

// failure is how many first calls there are to one that fails; zero: none does.
func failure(receiver string) int {
	switch receiver {
	case flaky:
		return failing
	case ordered:
		return failingInLine
	default:
		return 0
	}
}

type lifeKey struct{}

func startReceivers(ctx context.Context) (*receivers, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receivers{url: "http://" + l.Addr().String(), got: map[delivered]bool{}, tried: map[delivered]bool{}}
	r.server = &http.Server{
		Handler:           r,
		ReadHeaderTimeout: time.Minute,
		// A connection is of the life in which it was opened, so what a dead server had sent already
		// is known for what it is.
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			life := r.currentLife() // first, as this orders the count after the settling of the life before
			r.open.Add(1)
			return context.WithValue(ctx, lifeKey{}, life)
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed || state == http.StateHijacked {
				r.open.Done()
			}
		},
	}
	go func() { _ = r.server.Serve(l) }()
	return r, nil
}

func (r *receivers) close() { _ = r.server.Close() }

// ServeHTTP implements http.Handler.
func (r *receivers) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil || req.URL.Path == barrier {
		return // it did not arrive whole, so nobody can act on it
	}
	var in struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(body, &in)
	a := arrival{receiver: req.URL.Path, event: in.Text, webhookID: req.Header.Get("Webhook-Id"), status: http.StatusOK}
	a.life, _ = req.Context().Value(lifeKey{}).(int)
	r.add(&a)
	if a.receiver == slow {
		beside.Pause(req.Context(), rand.N(maxHold)) //nolint:gosec // no secret depends on it
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, "{}")
}

func (r *receivers) add(a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := delivered{a.receiver, a.event}
	if one := failure(a.receiver); one > 0 && !r.tried[d] && rand.N(one) == 0 { //nolint:gosec // no secret depends on it
		a.status = http.StatusServiceUnavailable
	}
	r.tried[d] = true
	r.last = time.Now()
	r.calls = append(r.calls, *a)
	if a.status == http.StatusOK {
		r.got[d] = true
	}
}

// begin counts what arrives from now on to another life of the server.
func (r *receivers) begin(life int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.life = life
}

func (r *receivers) currentLife() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.life
}

// count is how many deliveries have arrived, each counted once, and when the latest call came.
func (r *receivers) count() (n int, last time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got), r.last
}

// barrier is a path that is only called to know that all connections before it were accepted.
const barrier = "/barrier"

// settle waits until everything that a dead server sent has arrived.
func (r *receivers) settle(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+barrier, http.NoBody)
	if err != nil {
		return err
	}
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	resp, err := once.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	r.open.Wait()
	return nil
}

// arrivals are all calls so far.
func (r *receivers) arrivals() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.calls...)
}
