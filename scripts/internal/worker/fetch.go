package worker

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// fetchFunction makes fetch, under one of its two names: the Web's, and Rocket.Chat's own.
func (r *realm) fetchFunction(name string) goja.Value {
	return r.native(name, 1, func(c goja.FunctionCall) goja.Value {
		f := &fetching{realm: r}
		var promise *goja.Promise
		promise, f.resolve, f.reject = r.runtime.NewPromise()
		err := f.or(func() {
			r.needs(c, "input")
			f.request = r.newRequest(c.Argument(0), c.Argument(1))
			f.begin()
		})
		if err != nil {
			panic(err)
		}
		return r.runtime.ToValue(promise)
	})
}

// fetching is one call of fetch that is under way.
type fetching struct {
	realm           *realm
	request         *request
	resolve, reject func(any) error
	over            bool
}

// begin sends the call. Its answer settles the promise, unless a signal has done so before.
func (f *fetching) begin() {
	r, q := f.realm, f.request
	if q.signal != nil && q.signal.reason != nil {
		panic(q.signal.reason)
	}
	if scheme, _, _ := strings.Cut(q.url, ":"); scheme != "http" && scheme != "https" {
		panic(r.fetchFailed(&wire.CallError{Message: "unknown scheme: only http and https can be fetched"}))
	}
	headers, _ := held[*headerList](q.headers)
	id, err := r.start(q.webCall(headers), f.answered)
	if err != nil {
		panic(r.fetchFailed(err))
	}
	if q.signal != nil {
		q.signal.follow = append(q.signal.follow, func(reason goja.Value) {
			delete(r.loop.awaited, id)
			if !f.over {
				f.over = true
				must(nil, f.reject(reason))
			}
		})
	}
}

// answered settles the promise with what came back.
func (f *fetching) answered(a webAnswer) error {
	if f.over {
		return nil
	}
	f.over = true
	var response goja.Value
	err := f.or(func() {
		if a.Error != nil {
			panic(f.realm.fetchFailed(a.Error))
		}
		response = f.realm.responseTo(f.request, a)
	})
	if err != nil || response == nil {
		return err
	}
	return f.resolve(response)
}

// or does something and rejects the promise with what that throws. It returns what no script can
// catch.
func (f *fetching) or(do func()) error {
	err := f.realm.attempt(do)
	if exception, ok := err.(*goja.Exception); ok { //nolint:errorlint // to unwrap it would run the script's code
		return f.reject(exception.Value())
	}
	return err
}

// fetchFailed is what fetch rejects with where no answer came: the cause says why.
func (r *realm) fetchFailed(err error) *goja.Object {
	thrown := r.runtime.NewTypeError("fetch failed")
	cause := r.causeOf(err)
	hide(thrown, "cause", cause)
	r.hold(thrown, &failedCall{because: language.Shorten(err.Error(), language.LongestMessage)})
	return thrown
}

// failedCall marks the error of a failed fetch, so that its reader sees the cause as well.
type failedCall struct{ because string }

// because is what is to be said besides an error's own message.
func (r *realm) because(thrown *goja.Object) (reason string) {
	_ = r.attempt(func() { // anything can be thrown
		if failed, ok := held[*failedCall](thrown); ok {
			reason = ": " + failed.because
		}
	})
	return reason
}
