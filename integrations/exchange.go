package integrations

import (
	"time"
)

// Exchange is one entry of the log: a request to a hook with what became of it, or one attempt of a
// delivery with its answer. Lists hold exchanges without their Detail.
type Exchange struct {
	ID            string // ids stand in the order of time
	IntegrationID string
	Kind          Kind // of the integration: Incoming is a request, Outgoing an attempt
	At            time.Time
	Took          time.Duration
	Outcome       ExchangeOutcome
	Error         string // why, where it did not go well
	RequestID     string // of a request, as its answer carried it
	ReplayOf      string // of a request: the exchange, of an attempt: the delivery that was asked for again
	Bare          bool   // neither headers nor bodies nor what a script said are kept

	// Of an attempt.

	DeliveryID string
	Attempt    int // from 1
	Status     int // that the receiver answered; zero: none
	Step       Step
	Next       time.Time // when it is tried again; zero: it is not

	Size   int64 // bytes of the request's body
	Detail *Detail
}

// Detail is what an exchange carried.
type Detail struct {
	Address        string // that a request came from
	Method         string
	URL            string // of a request: path and query without the hook's token and other secrets
	RequestHeader  []HeaderLine
	RequestBody    Excerpt
	ResponseHeader []HeaderLine // of a receiver
	ResponseBody   Excerpt      // of a receiver
	Result         Excerpt      // JSON that a request's script returned
	Console        []string     // that scripts printed
	Messages       []Sent       // that it led to
	// Sealed is what replaying a request takes and nobody is shown, encrypted.
	Sealed []byte
}

// HeaderLine is a header as it is shown: of a secret one, the name alone.
type HeaderLine struct {
	Name   string // in lower case
	Value  string
	Secret bool
}

// Excerpt is the beginning of a body, or all of it.
type Excerpt struct {
	Bytes []byte
	Size  int64 // of the whole body
}

// Cut reports whether the body had more.
func (e Excerpt) Cut() bool { return e.Size > int64(len(e.Bytes)) }

// excerpt takes at most so many bytes.
func excerpt(body []byte, most int) Excerpt {
	return Excerpt{Bytes: body[:min(len(body), most)], Size: int64(len(body))}
}

// ExchangeOutcome is what became of an exchange.
type ExchangeOutcome string

// What becomes of a request to a hook.
const (
	ExchangePosted       ExchangeOutcome = "posted"        // at least one room has a message of it
	ExchangeNothing      ExchangeOutcome = "nothing"       // there was nothing to post
	ExchangeRejected     ExchangeOutcome = "rejected"      // its script answered with an error of its own
	ExchangeScriptFailed ExchangeOutcome = "script-failed" // its script threw, or broke a limit
	ExchangeRefused      ExchangeOutcome = "refused"       // by a rule
	ExchangeDisabled     ExchangeOutcome = "disabled"      // its integration is
	ExchangeLimited      ExchangeOutcome = "limited"       // by the integration's rate or concurrency
	ExchangeTooLarge     ExchangeOutcome = "too-large"
	ExchangeUnavailable  ExchangeOutcome = "unavailable" // scripts are busy or not run, or the disk is full
	ExchangeFailed       ExchangeOutcome = "failed"      // for a reason of the server's own
)

// What becomes of an attempt.
const (
	ExchangeDone   ExchangeOutcome = "done"    // the delivery is
	ExchangeRetry  ExchangeOutcome = "retry"   // it is tried again
	ExchangeDead   ExchangeOutcome = "dead"    // it is given up
	ExchangePutOff ExchangeOutcome = "put-off" // the attempt could not be made, and does not count
	ExchangeLost   ExchangeOutcome = "lost"    // the delivery was cancelled or taken over meanwhile, so it does not count
)

// Outcomes are what may become of the exchanges of a kind.
func Outcomes(kind Kind) []ExchangeOutcome {
	if kind == Incoming {
		return []ExchangeOutcome{
			ExchangePosted, ExchangeNothing, ExchangeRejected, ExchangeScriptFailed, ExchangeRefused, ExchangeDisabled,
			ExchangeLimited, ExchangeTooLarge, ExchangeUnavailable, ExchangeFailed,
		}
	}
	return []ExchangeOutcome{ExchangeDone, ExchangeRetry, ExchangeDead, ExchangePutOff, ExchangeLost}
}
