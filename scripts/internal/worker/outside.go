package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// outside is what a realm may ask for while its script runs. Questions go to the server; answers
// come in any order.
type outside interface {
	// start sends a question: head is a wire.Question as JSON, body the bytes to send, nil for none.
	start(head, body []byte) (id uint32, err error)
	// next waits for one answer, at most until the given time; ok is false when none came by then.
	// An error ends the script: its wall time is over, or the server is gone.
	next(until time.Time) (a wire.Answer, ok bool, err error)
}

// errTooManyCalls and errTooLargeQuestion are for the script, which may catch them.
func errTooManyCalls(l wire.Limits) *wire.CallError {
	return &wire.CallError{Name: "Error", Code: "REFUSED", Message: fmt.Sprintf("more than %d calls in one run (SCRIPT_MAX_CALLS)", l.MaxCalls)}
}

func errTooLargeQuestion(l wire.Limits) *wire.CallError {
	return &wire.CallError{Name: "Error", Code: "REFUSED", Message: fmt.Sprintf("the request is larger than %s (SCRIPT_RESULT_SIZE)", wire.SizeText(l.ResultSize))}
}

// wayOut is the outside as the scripts of a worker have it, one run at a time.
type wayOut struct {
	limits  wire.Limits
	in      *inbox
	write   *wire.Writer
	monitor *monitor

	last  uint32 // number of the latest question, in all runs
	first uint32 // of those of this run
}

// begin is for a new run, which hears no answer to an earlier one's questions.
func (o *wayOut) begin() { o.first = o.last + 1 }

// start implements outside.
func (o *wayOut) start(head, body []byte) (uint32, error) {
	if int64(o.last+1-o.first) >= o.limits.MaxCalls {
		return 0, errTooManyCalls(o.limits)
	}
	if int64(len(head))+int64(len(body)) > o.limits.ResultSize {
		return 0, errTooLargeQuestion(o.limits)
	}
	o.last++
	wire.PutQuestion(o.write, o.last, head, body)
	return o.last, o.write.End()
}

// next implements outside.
func (o *wayOut) next(until time.Time) (wire.Answer, bool, error) {
	for {
		f, ok, err := o.wait(until)
		if err != nil || !ok {
			return wire.Answer{}, false, err
		}
		if a := wire.ReadAnswer(&f); f.Kind == wire.KindAnswer && a.ID >= o.first {
			return a, true, nil
		}
	}
}

// wait stops the script's clock until something came, or its time.
func (o *wayOut) wait(until time.Time) (f wire.Frame, ok bool, err error) {
	end := o.monitor.pause()
	if until.IsZero() || until.After(end) {
		until = end
	}
	if err = o.write.Send(wire.KindWaits); err != nil {
		return wire.Frame{}, false, err
	}
	f, ok, err = o.in.during(until)
	o.monitor.resume()
	err = errors.Join(err, o.write.Send(wire.KindRuns))
	if halted := o.monitor.haltedBy(); err == nil && halted != nil {
		err = halted
	}
	return f, ok, err
}
