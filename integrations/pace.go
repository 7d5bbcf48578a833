package integrations

import (
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Between servers nobody knows which delivery led to which event, so two of them can answer each other
// without end. That is slowed and never dropped: what other chat servers and bots say is delivered at
// this pace at most, unless the integration has a rate of its own. What monitoring, builds and the
// like send to hooks answers nobody, and a storm of it is when it counts: that is not slowed.
const (
	echoRate  = 50 // deliveries in a second
	echoBurst = 1000
)

// paces say when the deliveries of each integration are due that come faster than they may be made.
type paces struct {
	mu   sync.Mutex
	full map[string]time.Time // by integration: when as many may be made at once again as ever
}

// due answers when a delivery may be made that is planned at a time.
func (p *paces) due(o Options, ev workspace.Event) time.Time {
	rate, burst := paceOf(o, ev)
	if rate == 0 {
		return ev.At
	}
	each := time.Duration(float64(time.Second) / rate)
	p.mu.Lock()
	defer p.mu.Unlock()
	full := p.full[o.IntegrationID]
	if full.Before(ev.At) {
		full = ev.At
	}
	full = full.Add(each)
	if p.full == nil {
		p.full = map[string]time.Time{}
	}
	p.full[o.IntegrationID] = full
	due := full.Add(-each * time.Duration(burst))
	if due.Before(ev.At) {
		return ev.At
	}
	return due.Truncate(time.Millisecond)
}

// paceOf answers how many deliveries in a second an event may lead to, and how many at once; no rate
// for what cannot be an answer to a delivery, or is one that carries its causes.
func paceOf(o Options, ev workspace.Event) (rate float64, burst int) {
	switch {
	case o.Limits.Rate > 0:
		return 0, 0 // whoever makes the calls keeps to it
	case ev.Relayed, len(ev.Message.Bot) == 0 && (ev.User.Bot || ev.User.HasRole(workspace.RoleBot)):
		return echoRate, echoBurst
	default:
		return 0, 0
	}
}

// forget drops what is known of an integration that is gone.
func (p *paces) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.full, id)
}
