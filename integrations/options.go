package integrations

import (
	"math"
	"time"
)

// Options are what an integration says beyond Rocket.Chat's record: how its calls are made, signed
// and remembered. They stand beside the record, whose clients never see them, and the zero value
// leaves everything to the server.
type Options struct {
	IntegrationID string
	UpdatedAt     time.Time

	// The policy, the retries, the order, the signature and TLS are of outgoing integrations only.

	Policy  Policy // empty: the server's
	Retry   *Retry // nil: as the record and the policy say
	Ordered bool   // deliveries to one URL are made one after the other, in the order of their events
	Signing Signing
	TLS     TLS

	Limits Limits
	Log    LogRules
}

// Retry is when failed calls are made again: at exponentially growing waits between two bounds.
type Retry struct {
	Attempts int // in all, from 1
	First    time.Duration
	Longest  time.Duration
}

// Signing is which secrets a delivery is signed with. Every integration has a secret, made from the
// server's key and the generation, so a rotation raises the generation by one.
type Signing struct {
	Generation int
	OldUntil   time.Time // until then a delivery is signed with the previous generation, too
}

// TLS is how a receiver's certificate is judged.
type TLS struct {
	Insecure bool   // nobody has to vouch for it
	CA       string // PEM: authorities that may vouch for it beside the system's
}

// Limits bound what an integration may take. Zero members leave it to the server.
type Limits struct {
	Rate        float64 // requests or deliveries in a second
	Burst       int     // of them at once
	Concurrency int     // hook requests at once, or calls to one URL at once
	Body        int64   // bytes of a hook's body
}

// Pace is the rate, with as many at once as a second brings where nothing else is said.
func (l Limits) Pace() Rate {
	burst := l.Burst
	if burst == 0 {
		burst = int(math.Ceil(l.Rate))
	}
	return Rate{PerSecond: l.Rate, Burst: burst}
}

// LogRules say what is remembered of an integration's requests and attempts. Zero members leave it to
// the server.
type LogRules struct {
	MetadataOnly bool // no headers, bodies, results or console lines
	Age          time.Duration
	Entries      int
	Bytes        int64
}
