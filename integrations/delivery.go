package integrations

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Delivery is one call to carry out, until it is done or given up. What is planned never
// changes; what happened so far grows with each attempt.
type Delivery struct {
	ID            string
	IntegrationID string
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Fence         int64 // of the claim that this copy was read under
	Plan          Plan
	Progress      Progress
}

// Plan is what is to be done.
type Plan struct {
	URL         string
	Event       workspace.EventKind
	Data        jsontext.Value // JSON object that a receiver gets
	TriggerWord string
	UserID      string // who caused the event
	RoomID      string
	MessageID   string
	Causes      []string // integrations behind the event, oldest first, without this one
	ReplayOf    string   // delivery id
	Trace       string   // traceparent of what led to the event; empty: none
}

// Progress is what happened so far.
type Progress struct {
	Step             Step
	Attempts         int
	RanPrepareScript bool
	Finished         bool
	Call             jsontext.Value // the body as it was sent
	Status           int            // of the answer; zero: there was none
	HTTPError        string
	HTTPResult       string
	PrepareSent      []Sent
	ProcessSent      []Sent
	Result           []Sent
	Error            string
	ErrorStack       string
}

// Sent is a message that a delivery led to.
type Sent struct{ Channel, RoomID, MessageID, Text string }

// effect is the plan as it is stored, in the lane of its URL and due at once.
func (p Plan) effect(i Integration, o Options, at time.Time) (workspace.Effect, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return workspace.Effect{}, fmt.Errorf("write plan: %w", err)
	}
	return workspace.Effect{
		ID: workspace.NewIDAt(at), Key: i.ID, Lane: laneOf(i, p.URL, o.Ordered).String(), Ordered: o.Ordered,
		At: at, Due: at, Body: body,
	}, nil
}

// Step is how far a delivery came, in the words of Rocket.Chat's history.
type Step string

// The steps in the order in which they are passed. GoingToRetry makes the one that counts.
const (
	StepPlanned           Step = "mapped-args-to-data"
	StepPrepareFailed     Step = "execute-script-error-running-prepare_outgoing_request"
	StepPrepared          Step = "after-maybe-ran-prepare"
	StepNoRequest         Step = "after-prepare-no-opts"
	StepPrepareSent       Step = "after-prepare-send-message"
	StepPrepareSendFailed Step = "after-prepare-send-message-failed"
	StepNoURL             Step = "after-prepare-no-url_or_method"
	StepCalling           Step = "pre-http-call"
	StepCalled            Step = "after-http-call"
	StepProcessFailed     Step = "execute-script-error-running-process_outgoing_response"
	StepProcessSent       Step = "after-process-send-message"
	StepProcessSendFailed Step = "after-process-send-message-failed"
	StepStopped           Step = "after-process-false-result"
	StepGone              Step = "after-process-http-status-410"
	StepServerError       Step = "after-process-http-status-500"
	StepTooManyRetries    Step = "too-many-retries"
	StepInvalidDelay      Step = "failed-and-retry-delay-is-invalid"
	StepNoRetry           Step = "failed-and-not-configured-to-retry"
	StepReplyFailed       Step = "after-http-call-send-message-failed"
	StepReplied           Step = "url-response-sent-message"
	StepIntegrationGone   Step = "integration-removed"
	StepChainTooLong      Step = "chain-too-long"
)

// State is where a delivery stands in the queue.
type State string

// A delivery waits until it is due, is parked in its lane while there is no room for it, or is held
// while its integration is disabled. It ends done or dead, and neither is attempted again.
const (
	Waiting State = "waiting"
	Parked  State = "parked"
	Held    State = "held"
	Done    State = "done"
	Dead    State = "dead"
)

// mostCauses is how many deliveries of other integrations may have led to one.
const mostCauses = 5

// ErrChainTooLong says that a delivery is not made as others led to it one after the other.
var ErrChainTooLong = fmt.Errorf("this delivery would be number %d in a chain of integrations that answer each other, and such chains end after %d", mostCauses+1, mostCauses)

// ChainTooLong reports whether too many deliveries of other integrations led to the plan.
func (p Plan) ChainTooLong() bool { return len(p.Causes) >= mostCauses }

// Delivery reads what the queue keeps.
func (r Row) Delivery() (Delivery, error) {
	d := Delivery{ID: r.ID, IntegrationID: r.Key, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Fence: r.Fence}
	if err := json.Unmarshal(r.Body, &d.Plan); err != nil {
		return d, fmt.Errorf("read plan of delivery %s: %w", r.ID, err)
	}
	d.Progress.Step = StepPlanned
	if len(r.Progress) == 0 {
		return d, nil
	}
	if err := json.Unmarshal(r.Progress, &d.Progress); err != nil {
		return d, fmt.Errorf("read progress of delivery %s: %w", r.ID, err)
	}
	if d.Progress.Call.Kind() == 'n' { // as it is written where nothing was sent
		d.Progress.Call = nil
	}
	return d, nil
}
