package worker

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// mendDate lets dates be read and written as V8 does.
func (r *realm) mendDate() {
	prototype := r.prototype("Date")
	getTime := callable(prototype.Get("getTime"))
	show := func(name, layout string) {
		r.install(prototype, name, 0, func(c goja.FunctionCall) goja.Value {
			if !isDate(c.This) {
				panic(r.runtime.NewTypeError("Method Date.prototype.%s called on incompatible receiver %s", name, r.word(c.This)))
			}
			ms := r.call(getTime, c.This).ToFloat()
			return r.runtime.ToValue(dateText(ms, layout))
		})
	}
	show("toString", dateLayout+" "+clockLayout)
	show("toDateString", dateLayout)
	show("toTimeString", clockLayout)
	for name, shown := range map[string][2]string{
		"toLocaleString": {"any", "all"}, "toLocaleDateString": {"date", "date"}, "toLocaleTimeString": {"time", "time"},
	} {
		r.install(prototype, name, 0, func(c goja.FunctionCall) goja.Value {
			ms := r.call(getTime, c.This).ToFloat()
			if math.IsNaN(ms) {
				return r.runtime.ToValue("Invalid Date")
			}
			f := r.dateFormat(c.Argument(0), r.options(c.Argument(1), "Date.prototype."+name), shown)
			return r.runtime.ToValue(f.text(ms))
		})
	}
	r.mendLocalTime(r.builtin("Date"), prototype)
	r.mendYears(prototype)
	r.mendISO(prototype, getTime)
	hide(prototype, "toGMTString", prototype.Get("toUTCString"))
	r.mendDateConstructor(prototype)
}

const (
	dateLayout  = "Mon Jan 02 2006"
	clockLayout = "15:04:05 GMT-0700 (zone)"
)

// dateText writes a time in the server's zone, whose name stands at the end.
func dateText(ms float64, layout string) string {
	if math.IsNaN(ms) {
		return "Invalid Date"
	}
	t := time.UnixMilli(int64(ms)).In(time.Local)
	if t.Year() < 0 {
		layout = strings.Replace(layout, "2006", fmt.Sprintf("-%06d", -t.Year()), 1)
	}
	text, zoned := strings.CutSuffix(t.Format(layout), "zone)")
	if zoned {
		text += zoneName(t, "long", defaultLocale) + ")"
	}
	return text
}

func (r *realm) mendYears(prototype *goja.Object) {
	getYear, setYear := callable(prototype.Get("getFullYear")), callable(prototype.Get("setFullYear"))
	r.install(prototype, "getYear", 0, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(r.call(getYear, c.This).ToFloat() - 1900)
	})
	r.install(prototype, "setYear", 1, func(c goja.FunctionCall) goja.Value {
		year := c.Argument(0).ToNumber().ToFloat()
		if year = math.Trunc(year); year >= 0 && year <= 99 {
			year += 1900
		}
		return r.call(setYear, c.This, r.runtime.ToValue(year))
	})
}

// mendISO writes years that do not have four digits with six and a sign.
func (r *realm) mendISO(prototype *goja.Object, getTime goja.Callable) {
	engines := callable(prototype.Get("toISOString"))
	r.install(prototype, "toISOString", 0, func(c goja.FunctionCall) goja.Value {
		ms := r.call(getTime, c.This).ToFloat()
		if t := time.UnixMilli(int64(ms)).UTC(); !math.IsNaN(ms) && (t.Year() < 0 || t.Year() > 9999) {
			return r.runtime.ToValue(fmt.Sprintf("%+07d", t.Year()) + t.Format("-01-02T15:04:05.000Z"))
		}
		return r.call(engines, c.This)
	})
}

// mendDateConstructor reads texts as V8 does, which takes many that the engine does not.
func (r *realm) mendDateConstructor(prototype *goja.Object) {
	engines := r.builtin("Date")
	now, utc := callable(engines.Get("now")), callable(engines.Get("UTC"))
	toPrimitive := func(object *goja.Object) goja.Value {
		convert, ok := goja.AssertFunction(object.GetSymbol(goja.SymToPrimitive))
		if ok {
			return r.call(convert, object, r.runtime.ToValue("default"))
		}
		if value := r.call(r.needFunction(object.Get("valueOf")), object); !isObject(value) {
			return value
		}
		return object.ToString()
	}
	class := r.wrap(engines, func(arguments []goja.Value, newTarget *goja.Object) goja.Value {
		if newTarget == nil {
			return r.runtime.ToValue(dateText(r.call(now, engines).ToFloat(), dateLayout+" "+clockLayout))
		}
		if len(arguments) == 1 {
			value := arguments[0]
			if object, ok := value.(*goja.Object); ok && !isDate(object) {
				value = toPrimitive(object)
			}
			if goja.IsString(value) {
				value = r.runtime.ToValue(parseDate(value.String()))
			}
			arguments = []goja.Value{value}
		} else if len(arguments) > 1 { // a local time
			ms := r.call(utc, engines, arguments...).ToFloat()
			arguments = []goja.Value{r.runtime.ToValue(instantOf(ms, time.Local))}
		}
		return r.construct(engines, newTarget, arguments...)
	})
	hide(r.runtime.GlobalObject(), "Date", class)
	hide(prototype, "constructor", class)
	r.install(class, "parse", 1, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(parseDate(r.toString(c.Argument(0)).String()))
	})
}
