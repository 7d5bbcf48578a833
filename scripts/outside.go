package scripts

import (
	"errors"
	"fmt"
	"time"
)

// outside is what a realm may ask for while its script runs. Questions go to the server; answers
// come in any order.
type outside interface {
	// start sends a question: head is a JSON document {"method","url","headers":{name:value},
	// "timeout":ms,"redirect":"follow"|"manual"|"error"}, body the bytes to send, nil for none.
	start(head, body []byte) (id uint32, err error)
	// next waits for one answer, at most until the given time; ok is false when none came by then.
	// An error ends the script: its wall time is over, or the server is gone.
	next(until time.Time) (a outsideAnswer, ok bool, err error)
}

// outsideAnswer is what became of a question.
type outsideAnswer struct {
	id uint32
	// head is JSON: {"status":200,"statusText":"OK","headers":{lower-case name:value},"url":final
	// URL} or {"error":{"name":"TypeError","code":"ECONNREFUSED"|"ETIMEDOUT"|"REFUSED"|…,"message":…}}.
	head []byte
	body []byte
}

// errTooManyCalls and errTooLargeQuestion are for the script, which may catch them.
func errTooManyCalls(l Limits) *callError {
	return &callError{Name: "Error", Code: "REFUSED", Message: fmt.Sprintf("more than %d calls in one run (SCRIPT_MAX_CALLS)", l.MaxCalls)}
}

func errTooLargeQuestion(l Limits) *callError {
	return &callError{Name: "Error", Code: "REFUSED", Message: fmt.Sprintf("the request is larger than %s (SCRIPT_RESULT_SIZE)", size(l.ResultSize))}
}

// wayOut is the outside as the scripts of a worker have it, one run at a time.
type wayOut struct {
	limits  Limits
	in      *inbox
	write   *frameWriter
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
	o.write.begin(kindAsk)
	o.write.number(uint64(o.last))
	o.write.bytes(head)
	o.write.bytes(body)
	return o.last, o.write.end()
}

// next implements outside.
func (o *wayOut) next(until time.Time) (outsideAnswer, bool, error) {
	for {
		f, ok, err := o.wait(until)
		if err != nil || !ok {
			return outsideAnswer{}, false, err
		}
		a := outsideAnswer{id: uint32(f.number()), head: f.bytes(), body: f.bytes()} //nolint:gosec // written by start
		if f.kind == kindAnswer && a.id >= o.first {
			return a, true, nil
		}
	}
}

// wait stops the script's clock until something came, or its time.
func (o *wayOut) wait(until time.Time) (f frame, ok bool, err error) {
	end := o.monitor.pause()
	if until.IsZero() || until.After(end) {
		until = end
	}
	if err = o.write.send(kindWaits); err != nil {
		return frame{}, false, err
	}
	f, ok, err = o.in.during(until)
	o.monitor.resume()
	err = errors.Join(err, o.write.send(kindRuns))
	if halted := o.monitor.haltedBy(); err == nil && halted != nil {
		err = halted
	}
	return f, ok, err
}
