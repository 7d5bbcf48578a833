package worker

import (
	"math"
	"time"

	"github.com/dop251/goja"
)

// instantOf is the time, in milliseconds, at which the clocks of a zone show a time, which is given as
// if it were UTC. Where clocks are put forward an hour is missing, and counts on from before; where they
// are put back one comes twice, and the first is meant. Go takes either.
func instantOf(local float64, zone *time.Location) float64 {
	if math.IsNaN(local) || math.IsInf(local, 0) {
		return math.NaN()
	}
	const day = 24 * 60 * 60 * 1000
	offset := func(ms float64) float64 {
		_, seconds := time.UnixMilli(int64(ms)).In(zone).Zone()
		return float64(seconds) * 1000
	}
	before, after := offset(local-day), offset(local+day)
	first, second := local-before, local-after
	if before != after && offset(first) != before && offset(second) == after {
		return second
	}
	return first
}

// localTime is what the clocks of a zone show at a time, as if they were in UTC.
func localTime(ms float64, zone *time.Location) float64 {
	if math.IsNaN(ms) {
		return ms
	}
	_, seconds := time.UnixMilli(int64(ms)).In(zone).Zone()
	return ms + float64(seconds)*1000
}

// mendLocalTime lets Date's methods in local time take the hour that V8 takes. They are the engine's for
// UTC, on a date that shows there what is local here.
func (r *realm) mendLocalTime(engines, prototype *goja.Object) {
	getTime, setTime := callable(prototype.Get("getTime")), callable(prototype.Get("setTime"))
	for name, parameters := range map[string]int{
		"setFullYear": 3, "setMonth": 2, "setDate": 1, "setHours": 4, "setMinutes": 3, "setSeconds": 2, "setMilliseconds": 1,
	} {
		setUTC := callable(prototype.Get("setUTC" + name[len("set"):]))
		r.install(prototype, name, parameters, func(c goja.FunctionCall) goja.Value {
			if !isDate(c.This) {
				panic(r.runtime.NewTypeError("Method Date.prototype.%s called on incompatible receiver %s", name, r.word(c.This)))
			}
			shown := r.construct(engines, nil, r.runtime.ToValue(localTime(r.call(getTime, c.This).ToFloat(), time.Local)))
			ms := r.call(setUTC, shown, c.Arguments...).ToFloat()
			return r.call(setTime, c.This, r.runtime.ToValue(instantOf(ms, time.Local)))
		})
	}
	// Long ago clocks went by the sun, seconds off any whole minute.
	offset := callable(prototype.Get("getTimezoneOffset"))
	r.install(prototype, "getTimezoneOffset", 0, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(math.Trunc(r.call(offset, c.This).ToFloat()))
	})
}

func isDate(value goja.Value) bool {
	object, ok := value.(*goja.Object)
	return ok && !isProxied(object) && object.ClassName() == "Date"
}
