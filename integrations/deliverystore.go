package integrations

import (
	"context"
	"errors"
	"time"
)

// ErrMoved says that a delivery is not any more as the caller has seen it.
var ErrMoved = errors.New("delivery has changed meanwhile")

// DeliveryStore is the queue as people look at it. Workers do without it.
type DeliveryStore interface {
	// Deliveries answers up to limit deliveries that match, by when they were added: the latest first,
	// or the oldest where the filter says so.
	Deliveries(ctx context.Context, filter DeliveryFilter, limit int) ([]Row, error)
	// EndRow ends a delivery that has not ended, whoever holds it: state and progress become those of
	// the record, and its fence rises, so that whoever held it cannot record any more. ErrMoved
	// where the fence is another one than the record's, or it has ended; workspace.ErrNotFound where
	// it is gone.
	EndRow(ctx context.Context, r Record) error
}

// DeliveryFilter narrows a list of deliveries. Zero members do not.
type DeliveryFilter struct {
	Keys   []string // integrations' ids; nil: all
	States []State
	Since  time.Time // made at or after
	Until  time.Time // made before
	// Beyond is the id of a delivery, after which the list begins; where it is gone, nothing matches.
	Beyond string
	Oldest bool // the oldest first
}
