package worker

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// webCall is an HTTP request that the server is to make for a script.
type webCall struct {
	wire.Question
	body []byte
}

// webAnswer is the server's answer to a call.
type webAnswer struct {
	wire.AnswerHead
	body []byte
}

// errAlone is what a script gets that asks where there is no server.
var errAlone = &wire.CallError{Name: "Error", Code: "REFUSED", Message: wire.NobodyCalls}

// start sends a call. What comes back goes to then, once the script waits for something.
func (r *realm) start(q webCall, then func(webAnswer) error) (id uint32, err error) {
	if r.outside == nil {
		return 0, errAlone
	}
	head, err := json.Marshal(q.Question)
	if err != nil {
		return 0, err
	}
	if id, err = r.outside.start(head, q.body); err != nil {
		return 0, err
	}
	if r.loop.awaited == nil {
		r.loop.awaited = make(map[uint32]func(wire.Answer) error)
	}
	r.loop.awaited[id] = func(a wire.Answer) error {
		answer := webAnswer{body: a.Body}
		if err := json.Unmarshal(a.Head, &answer.AnswerHead); err != nil {
			return err
		}
		return then(answer)
	}
	return id, nil
}

// ask sends a call and waits for its answer. Answers to others wait until the script does.
func (r *realm) ask(q webCall) (webAnswer, error) {
	var answer *webAnswer
	id, err := r.start(q, func(a webAnswer) error {
		answer = &a
		return nil
	})
	if err != nil {
		return webAnswer{}, err
	}
	for answer == nil {
		a, ok, err := r.outside.next(time.Now().Add(far))
		switch {
		case err != nil:
			delete(r.loop.awaited, id)
			return webAnswer{}, err
		case ok && a.ID == id:
			if err := r.settle(a); err != nil {
				return webAnswer{}, err
			}
		case ok:
			r.loop.arrived = append(r.loop.arrived, a)
		}
	}
	r.loop.tick() // the wait was no part of the turn
	if answer.Error != nil {
		return webAnswer{}, answer.Error
	}
	return *answer, nil
}

// causeOf makes the Error that says why a call failed. Where not the call failed but the way to the
// server, the script ends.
func (r *realm) causeOf(err error) *goja.Object {
	e, ok := errors.AsType[*wire.CallError](err)
	if !ok {
		r.runtime.Interrupt(err)
		e = &wire.CallError{Message: "the server is not to be reached"}
	}
	cause := r.newError("Error", language.Shorten(e.Message, language.LongestMessage))
	if e.Name != "" && e.Name != "Error" {
		hide(cause, "name", r.runtime.ToValue(language.Shorten(e.Name, language.LongestName)))
	}
	if e.Code != "" {
		define(cause, "code", r.runtime.ToValue(e.Code))
	}
	return cause
}
