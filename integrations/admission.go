package integrations

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// LimitError turns a request to a hook away, as its integration takes no more at the moment.
type LimitError struct {
	Member string // the option that says so: limits.rate or limits.concurrency
	Wait   time.Duration
}

// Error names the option.
func (e *LimitError) Error() string { return "more requests than " + e.Member + " lets in" }

// BodyLimitError turns a body away that is larger than a limit.
type BodyLimitError struct {
	Limit int64  // bytes
	Name  string // of the option or setting that says so
}

// Error names the limit.
func (e *BodyLimitError) Error() string {
	return fmt.Sprintf("body is larger than %d bytes (%s)", e.Limit, e.Name)
}

// Admission is a request to a hook that was let in. Whoever got it calls Leave when the request has been
// answered.
type Admission struct {
	// MostBody is the largest body that the integration takes; zero: as large as the server's limit.
	MostBody int64

	gate *gate
}

// Leave makes room for another request.
func (a Admission) Leave() {
	if a.gate != nil {
		a.gate.leave()
	}
}

// Admit lets a request to a hook in, or answers why it is refused whatever its body says. It spares
// reading the body of a stranger, and of who comes too often. A refusal is logged.
func (s *Service) Admit(ctx context.Context, r HookRequest) (Admission, error) {
	started := time.Now()
	if _, _, err := s.hook(ctx, r); err != nil {
		if !errors.Is(err, ErrUnknownHook) {
			s.Journal.received(r, started, &sighting{integrationID: r.IntegrationID}, &HookAnswer{}, err)
		}
		return Admission{}, err
	}
	limits := s.Index.Options(r.IntegrationID).Limits
	a := Admission{MostBody: limits.Body}
	if limits.Rate == 0 && limits.Concurrency == 0 {
		return a, nil
	}
	a.gate = s.gates.of(r.IntegrationID)
	if err := a.gate.enter(limits, started); err != nil {
		if a.gate.isNews(started) {
			s.Journal.received(r, started, &sighting{integrationID: r.IntegrationID}, &HookAnswer{}, err)
		}
		return Admission{}, err
	}
	return a, nil
}

// TooLarge logs a request whose body was larger than a limit. The limit is the integration's own or
// the server's, which has the given name.
func (s *Service) TooLarge(r HookRequest, limit BodyLimitError) {
	s.Journal.received(r, time.Now(), &sighting{integrationID: r.IntegrationID}, &HookAnswer{}, &limit)
}

// gates are the integrations with limits that requests came for.
type gates struct {
	mu   sync.Mutex
	byID map[string]*gate
}

func (g *gates) of(id string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byID[id] == nil {
		if g.byID == nil {
			g.byID = map[string]*gate{}
		}
		g.byID[id] = &gate{}
	}
	return g.byID[id]
}

func (g *gates) forget(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.byID, id)
}

// gate counts the requests of one integration.
type gate struct {
	mu      sync.Mutex
	bucket  Bucket
	running int
	told    time.Time
}

// crowdedWait is what who comes to a full hook is asked to wait.
const crowdedWait = time.Second

// enter counts a request, or answers a *LimitError. Who is turned away for the number of those that
// are in uses up nothing of the rate.
func (g *gate) enter(l Limits, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l.Concurrency > 0 && g.running >= l.Concurrency {
		return &LimitError{Member: "limits.concurrency", Wait: crowdedWait}
	}
	if wait, ok := g.bucket.Take(Rate{PerSecond: l.Rate, Burst: l.Burst}, now); !ok {
		return &LimitError{Member: "limits.rate", Wait: wait}
	}
	g.running++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
}

// isNews reports whether a refusal is to be logged: one in ten seconds, so that a flood does not push
// everything else out of the log.
func (g *gate) isNews(now time.Time) bool {
	const interval = 10 * time.Second
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.told.IsZero() && now.Sub(g.told) < interval {
		return false
	}
	g.told = now
	return true
}
