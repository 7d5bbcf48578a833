package integrations

import (
	"context"
	"time"
)

// ExchangeStore keeps the log: the latest exchanges of each integration. It may lose what it was
// given last in a crash, as no caller waits for a disk because of it. Missing records are
// workspace.ErrNotFound, a full disk is workspace.ErrFull.
type ExchangeStore interface {
	// AddExchanges keeps exchanges, those of one integration in the order of their ids, and then
	// forgets the oldest ones of it that go beyond what is kept. What is handed over belongs to the
	// caller again once it returns.
	AddExchanges(ctx context.Context, batches []ExchangeBatch) error
	// Exchanges answers up to limit exchanges that match, without their details, the latest first.
	Exchanges(ctx context.Context, filter ExchangeFilter, limit int) ([]Exchange, error)
	Exchange(ctx context.Context, id string) (Exchange, error)
	// TrimExchanges forgets the oldest exchanges of an integration that go beyond what is kept.
	TrimExchanges(ctx context.Context, integrationID string, kept ExchangesKept) error
	// RemoveExchanges forgets all exchanges of an integration.
	RemoveExchanges(ctx context.Context, integrationID string) error
	// Exchanged answers the ids of all integrations that have exchanges, in any order.
	Exchanged(ctx context.Context) ([]string, error)
}

// ExchangeBatch is what an integration's log grows by.
type ExchangeBatch struct {
	IntegrationID string
	Kept          ExchangesKept
	Exchanges     []Exchange
}

// ExchangesKept says what stays of an integration's log. Where exchanges are kept and forgotten in
// groups, rather less stays than more. Zero members do not bound it.
type ExchangesKept struct {
	Since   time.Time // what happened before is forgotten
	Entries int
	Bytes   int64
}

// ExchangeFilter narrows a list of exchanges. Zero members do not.
type ExchangeFilter struct {
	IntegrationIDs []string // nil: all
	Kind           Kind
	Outcome        ExchangeOutcome
	DeliveryID     string
	Since          time.Time // at or after
	Until          time.Time // before
	Before         string    // an id: those that are older than it
}

// Matches reports whether an exchange is one that the filter lets through.
func (f ExchangeFilter) Matches(e Exchange) bool {
	switch {
	case f.Kind != "" && e.Kind != f.Kind,
		f.Outcome != "" && e.Outcome != f.Outcome,
		f.DeliveryID != "" && e.DeliveryID != f.DeliveryID,
		!f.Since.IsZero() && e.At.Before(f.Since),
		!f.Until.IsZero() && !e.At.Before(f.Until),
		f.Before != "" && e.ID >= f.Before:
		return false
	default:
		return true
	}
}
