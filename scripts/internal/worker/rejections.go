package worker

import (
	"slices"

	"github.com/dop251/goja"
)

// Of what nobody handled so many are shown; who has more has one cause.
const maxRejections = 20

// rejections are the promises that were rejected and that nothing handles so far.
type rejections struct {
	promises []*goja.Promise
}

func (j *rejections) track(promise *goja.Promise, operation goja.PromiseRejectionOperation) {
	at := slices.Index(j.promises, promise)
	switch {
	case operation == goja.PromiseRejectionHandle && at >= 0:
		j.promises = slices.Delete(j.promises, at, at+1)
	case operation == goja.PromiseRejectionReject && len(j.promises) < maxRejections:
		j.promises = append(j.promises, promise)
	}
}

// reportRejections prints them, except for the one that the call itself ends with.
func (r *realm) reportRejections(result *goja.Promise) {
	promises := r.rejections.promises
	r.rejections.promises = nil
	for _, promise := range promises {
		if promise != result {
			r.printUncaught("Uncaught (in promise)", promise.Result())
		}
	}
}

func (r *realm) printUncaught(prefix string, thrown goja.Value) {
	if !r.console.full {
		r.console.print(prefix + " " + r.show(thrown))
	}
}
