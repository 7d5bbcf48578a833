package integrations

import (
	"context"
	"errors"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// ErrLeaseLost says that a delivery was claimed by somebody else in the meantime: what the
// caller wanted to record was not kept.
var ErrLeaseLost = errors.New("lease lost")

// Store keeps the integrations. Missing records are workspace.ErrNotFound, a full disk is
// workspace.ErrFull.
type Store interface {
	AddIntegration(ctx context.Context, i Integration) error
	Integration(ctx context.Context, id string) (Integration, error)
	// IntegrationByURL answers the oldest outgoing integration that calls the URL.
	IntegrationByURL(ctx context.Context, url string) (Integration, error)
	// Integrations answers one page of those that match, in the order they were added unless the
	// page sorts, and how many match in all.
	Integrations(ctx context.Context, filter Filter, page workspace.Page) ([]Integration, int, error)
	// SaveIntegration replaces the record with that id, and forgets what its script kept in Store.
	SaveIntegration(ctx context.Context, i Integration) error
	// RemoveIntegration removes the record, what stands beside it, and, where withDeliveries says
	// so, its deliveries.
	RemoveIntegration(ctx context.Context, id string, withDeliveries bool) error
	SaveLastError(ctx context.Context, e LastError) error
	LastError(ctx context.Context, integrationID string) (LastError, error)
	// Options answers what an integration says beyond its record: the zero value with its id where it
	// says nothing, or is not there.
	Options(ctx context.Context, integrationID string) (Options, error)
	// AllOptions answers the options of all integrations that say something.
	AllOptions(ctx context.Context) ([]Options, error)
	// SaveOptions replaces the options of the integration that they name, and leaves its record as
	// it is.
	SaveOptions(ctx context.Context, o Options) error
	// ScriptValues answers what a version of an integration's script keeps in Store, by key; nothing
	// where it keeps nothing.
	ScriptValues(ctx context.Context, integrationID, version string) ([]ScriptValue, error)
	// SaveScriptValues writes the given keys of that version and leaves the others as they are. A
	// nil Value removes its key.
	SaveScriptValues(ctx context.Context, integrationID, version string, values []ScriptValue) error
}

// Filter narrows a list of integrations to those that the scopes let through.
type Filter struct {
	Incoming  permissions.Scope
	Outgoing  permissions.Scope
	CreatorID string // whose records Own means
	Name      string // part of the name, without regard to case
	Kind      Kind   // empty: both
}

// Queue keeps the deliveries. What is planned and what happened are opaque to it.
type Queue interface {
	// AddEffects adds effects that no message goes with.
	AddEffects(ctx context.Context, effects []workspace.Effect) error
	// Claim gives each due delivery to one caller until its lease ends: at most limit of them,
	// those due longest first.
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Row, error)
	// Record writes down what happened under a claim and gives the delivery back; ErrLeaseLost
	// where it was claimed again since.
	Record(ctx context.Context, r Record) error
	// NextDue answers when the next unclaimed delivery is due or the next lease ends; the zero
	// time where nothing waits.
	NextDue(ctx context.Context) (time.Time, error)
	// Added signals that deliveries may have been added. Stores that others write to as well
	// signal at intervals.
	Added() <-chan struct{}
	Row(ctx context.Context, id string) (Row, error)
	// Rows answers one page of the deliveries with that key, by the time of their last change,
	// the latest first unless the page sorts, and how many there are.
	Rows(ctx context.Context, key string, page workspace.Page) ([]Row, int, error)
	// RemoveRows forgets the deliveries with that key which have ended.
	RemoveRows(ctx context.Context, key string) error
	// RemoveEnded forgets up to limit deliveries that have ended and were last changed before the
	// given time, and answers how many.
	RemoveEnded(ctx context.Context, before time.Time, limit int) (int, error)
	// RemoveEndedBeyond forgets up to limit of the deliveries with that key which have ended, but for
	// the newest of them, and answers how many.
	RemoveEndedBeyond(ctx context.Context, key string, newest, limit int) (int, error)
}

// Row is one delivery as the queue keeps it.
type Row struct {
	ID        string
	Key       string // the integration's id
	CreatedAt time.Time
	UpdatedAt time.Time
	Due       time.Time
	State     State
	Fence     int64
	Body      []byte
	Progress  []byte // nil before the first attempt
}

// Record is what became of an attempt.
type Record struct {
	ID       string
	Fence    int64
	At       time.Time
	Due      time.Time // of the next attempt, while it waits
	State    State
	Progress []byte
}
