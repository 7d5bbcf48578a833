package integrations

import (
	"strings"
	"time"
)

// Attempted is an attempt of a delivery, as the log takes it.
type Attempted struct {
	Delivery Delivery  // as it was recorded
	At       time.Time // when it began
	Took     time.Duration
	State    State
	Status   int       // that the receiver answered; zero: none
	Next     time.Time // when it is tried again, while it waits
	PutOff   error     // why it could not be made, and does not count; nil: it counts
	Lost     bool      // it could not be recorded, as the delivery was no longer its worker's
	Request  *Request  // nil: none was made
	Response *Response // nil: none came
	Console  []string  // that scripts printed
}

// Attempt logs an attempt.
func (j *Journal) Attempt(a Attempted) {
	id := a.Delivery.IntegrationID
	if j == nil {
		return
	}
	level := j.level(j.Index.Options(id))
	if level == LogOff {
		return
	}
	x := Exchange{
		IntegrationID: id, Kind: Outgoing, At: a.At, Took: a.Took, ReplayOf: a.Delivery.Plan.ReplayOf, Bare: level == LogMetadata,
		DeliveryID: a.Delivery.ID, Attempt: a.Delivery.Progress.Attempts, Status: a.Status, Step: a.Delivery.Progress.Step,
		Outcome: outcomeOfAttempt(a),
	}
	if x.Outcome == ExchangeRetry || x.Outcome == ExchangePutOff {
		x.Next = a.Next
	}
	if a.Request != nil {
		x.Size = int64(len(a.Request.Body))
	}
	j.queue(entry{Exchange: x, attempt: &a})
}

func outcomeOfAttempt(a Attempted) ExchangeOutcome {
	switch {
	case a.Lost:
		return ExchangeLost
	case a.PutOff != nil:
		return ExchangePutOff
	case a.State == Done:
		return ExchangeDone
	case a.State == Dead:
		return ExchangeDead
	default:
		return ExchangeRetry
	}
}

// finishAttempt makes the exchange of an attempt.
func (j *Journal) finishAttempt(e *entry) Exchange {
	x, a := e.Exchange, e.attempt
	p := a.Delivery.Progress
	x.Error = p.HTTPError
	if x.Error == "" && !x.Bare {
		x.Error = p.Error
	}
	if a.PutOff != nil {
		x.Error = a.PutOff.Error()
	}
	x.Error = cut(x.Error, mostErrorKept)
	x.Detail = &Detail{}
	if a.Request != nil {
		x.Detail.Method = a.Request.Method
	}
	if x.Bare {
		return x
	}
	x.Detail.Console, x.Detail.Messages = cutLines(a.Console, mostConsoleKept), sentMessages(p)
	if a.Request == nil {
		return x
	}
	var hidden secrets
	if _, password, ok := strings.Cut(a.Request.Auth, ":"); ok {
		hidden.add(password)
	}
	header := lowerNames(a.Request.Header)
	j.hideHeader(header, &hidden)
	x.Detail.RequestHeader = j.headerLines(header, hidden, nil)
	x.Detail.URL = hidden.strike(shownURL(a.Request.URL, &hidden))
	x.Detail.RequestBody = excerpt(a.Request.Body, j.Body)
	if a.Response != nil {
		j.hideHeader(a.Response.Header, &hidden)
		x.Detail.ResponseHeader = j.headerLines(a.Response.Header, hidden, nil)
		x.Detail.ResponseBody = j.struck(a.Response.Body, hidden)
	}
	x.Detail.Console = hidden.strikeLines(x.Detail.Console)
	x.Error = hidden.strike(x.Error)
	return x
}

// sentMessages are the messages that an attempt led to.
func sentMessages(p Progress) []Sent {
	var list []Sent
	for _, sent := range [][]Sent{p.PrepareSent, p.ProcessSent, p.Result} {
		for _, s := range sent {
			s.Text = cut(s.Text, mostTextKept)
			list = append(list, s)
		}
	}
	return list
}
