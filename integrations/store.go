package integrations

import (
	"context"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

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
	// AddOutage keeps an outage unless its lane has one, and answers the one that the lane has then;
	// ErrNotFound where the integration is gone.
	AddOutage(ctx context.Context, o Outage) (Outage, error)
	// SaveOutage replaces the outage of its lane; ErrNotFound where it is over.
	SaveOutage(ctx context.Context, o Outage) error
	// RemoveOutage ends the outage of a lane, if there is one.
	RemoveOutage(ctx context.Context, lane string) error
	// Outages answers all of them, those that began first in front.
	Outages(ctx context.Context) ([]Outage, error)
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

// Queue keeps the deliveries. What is planned and what happened are opaque to it. delivery/DESIGN.md
// tells how they move from state to state.
type Queue interface {
	// AddEffects adds effects that no message goes with: waiting, and parked those that are ordered.
	AddEffects(ctx context.Context, effects []workspace.Effect) error
	// Claim gives each delivery to one caller until its lease ends, and raises its fence. Both may be
	// undone where no holder can be left, as by a crash of the machine that all of them run on.
	Claim(ctx context.Context, c Claim) ([]Row, error)
	// Record writes down what happened under claims and gives the deliveries back. Those that were
	// claimed again since, ended or removed are lost: nothing of these is kept. The others are all
	// kept, or, with an error, none is known to be; an attempt that another is to follow is on disk. What
	// ended and what was only moved may be undone as a claim may, but what ended for a moment only.
	Record(ctx context.Context, records []Record) (lost []string, err error)
	// NextDue answers when the next delivery that waits is due or the next lease ends; the zero time
	// where nothing waits. What is parked or held does not count.
	NextDue(ctx context.Context) (time.Time, error)
	// LaneDue answers when the first of the deliveries that are parked in a lane is due, which of ordered
	// ones may be in the future; the zero time where none is parked.
	LaneDue(ctx context.Context, lane string) (time.Time, error)
	// Added signals that deliveries may have been added, be it that they wait or that they are parked.
	// Stores that others write to as well signal at intervals.
	Added() <-chan struct{}
	// Filled answers the lanes in which this store has parked deliveries by AddEffects and its like or
	// by Release since it was last asked. It names none twice, and forgets what it has answered.
	Filled() []string
	// Lanes answers up to limit lanes in which deliveries are parked, by whomever, in the order of
	// their names, from the first after that name on.
	Lanes(ctx context.Context, after string, limit int) ([]string, error)
	// HeldKeys answers the keys of deliveries that are held, each once.
	HeldKeys(ctx context.Context) ([]string, error)
	// Release parks up to limit of the deliveries with that key that are held, those added first in
	// front, and answers how many.
	Release(ctx context.Context, key string, limit int) (int, error)
	// Backlog answers how many deliveries with that key have not ended.
	Backlog(ctx context.Context, key string) (int, error)
	// Counts answers how many deliveries there are in each state but Done; a state without any may be
	// missing.
	Counts(ctx context.Context) (map[State]int, error)
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

// Claim says which deliveries a worker asks for. Only those that are due are given.
type Claim struct {
	Now   time.Time
	Lease time.Duration
	Limit int
	// Lane is empty to ask for what waits, in whatever lane: those due longest first, and among them
	// those whose lease has ended. Otherwise it asks for what is parked in that lane, in the order in
	// which it was added; it waits from then on.
	Lane string
	// Head asks for no more than the head of a lane of ordered deliveries: the first that was added of
	// those that have not ended. Where that one is not parked, because somebody holds it, it waits for
	// its next attempt or is held, the lane gives nothing.
	Head bool
}

// Row is one delivery as the queue keeps it.
type Row struct {
	ID        string
	Key       string // the integration's id
	Lane      string // empty: added by a version that knew no lanes
	CreatedAt time.Time
	UpdatedAt time.Time
	Due       time.Time
	State     State
	Fence     int64
	Body      []byte
	Progress  []byte // nil before the first attempt
}

// Record is what becomes of a delivery under a claim. Zero members leave what they name as it is, so
// that one which is parked or held without an attempt stays as it was.
type Record struct {
	ID       string
	Fence    int64
	State    State
	At       time.Time // of the last change
	Due      time.Time // of the next attempt
	Lane     string
	Progress []byte
}
