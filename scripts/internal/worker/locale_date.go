package worker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// dateFormat is what Intl.DateTimeFormat settles.
type dateFormat struct {
	locale               locale
	zone                 *time.Location
	fields               map[string]string // as they were asked for or by default
	dateStyle, timeStyle string
	hourCycle            string
	hour12               goja.Value
	format               goja.Value // the bound function, once it was asked for
}

var (
	dateFields = []string{"weekday", "year", "month", "day"}
	timeFields = []string{"hour", "minute", "second"}
	numeric    = []string{"", "numeric", "2-digit"}
	months     = []string{"", "numeric", "2-digit", "short", "long"}
	weekdays   = []string{"", "short", "long"}
	dateStyles = []string{"full", "long", "medium", "short"}
)

// dateFormat reads the arguments of Intl.DateTimeFormat and of the methods of dates. What is shown
// has two parts, each any, all, date or time: which options count, and what is shown without them.
func (r *realm) dateFormat(locales goja.Value, o options, shown [2]string) *dateFormat {
	f := &dateFormat{locale: r.locale(locales), fields: make(map[string]string)}
	o.absent("era", "dayPeriod")
	for name, only := range map[string]string{"calendar": "gregory", "numberingSystem": "latn"} {
		if o.word(name, only) != only {
			r.refuse("a " + name + " other than " + only)
		}
	}
	f.hour12 = o.value("hour12")
	f.hourCycle = o.word("hourCycle", "", "h11", "h12", "h23", "h24")
	f.readZone(o)
	for _, name := range dateFields {
		widths := []string{"numeric", "2-digit", "narrow", "short", "long"}
		if name == "weekday" {
			widths = widths[2:]
		} else if name != "month" {
			widths = widths[:2]
		}
		f.read(o, name, widths)
	}
	for _, name := range timeFields {
		f.read(o, name, numeric[1:])
	}
	if n := o.number("fractionalSecondDigits", 1, 3, 0); n > 0 {
		f.fields["fractionalSecondDigits"] = strconv.Itoa(n)
	}
	f.read(o, "timeZoneName", []string{"short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"})
	f.dateStyle, f.timeStyle = o.word("dateStyle", "", dateStyles...), o.word("timeStyle", "", dateStyles...)
	f.settle(o, shown[0], shown[1])
	return f
}

func (f *dateFormat) read(o options, name string, of []string) {
	switch value := o.word(name, "", of...); value {
	case "":
	case "narrow", "shortGeneric", "longGeneric":
		o.realm.refuse(name + " " + value)
	default:
		f.fields[name] = value
	}
}

func (f *dateFormat) readZone(o options) {
	f.zone = time.Local
	value := o.value("timeZone")
	if goja.IsUndefined(value) {
		return
	}
	name := o.realm.toString(value).String()
	zone, ok := zoneOf(name)
	if !ok {
		o.realm.raise("RangeError", "Invalid time zone specified: "+name)
	}
	f.zone = zone
}

// settle adds what is shown where nothing was asked for, and refuses what nobody asks for.
func (f *dateFormat) settle(o options, wanted, otherwise string) {
	if f.dateStyle != "" || f.timeStyle != "" {
		for name := range f.fields {
			panic(o.realm.runtime.NewTypeError("Can't set option %s when %s is used", name, map[bool]string{true: "dateStyle", false: "timeStyle"}[f.dateStyle != ""]))
		}
		if wanted == "date" && f.timeStyle != "" {
			panic(o.realm.runtime.NewTypeError("Invalid option : timeStyle"))
		}
		if wanted == "time" && f.dateStyle != "" {
			panic(o.realm.runtime.NewTypeError("Invalid option : dateStyle"))
		}
		return
	}
	some := false
	if wanted != "time" {
		some = some || f.hasAny(dateFields)
	}
	if wanted != "date" {
		some = some || f.hasAny(timeFields) || f.fields["fractionalSecondDigits"] != ""
	}
	if !some && otherwise != "time" {
		for _, name := range dateFields[1:] {
			f.fields[name] = "numeric"
		}
	}
	if !some && otherwise != "date" {
		for _, name := range timeFields {
			f.fields[name] = "numeric"
		}
	}
	if f.fields["fractionalSecondDigits"] != "" && f.fields["second"] == "" {
		o.realm.refuse("fractionalSecondDigits without second")
	}
	if f.fields["timeZoneName"] != "" && !f.hasAny(timeFields) && !f.isNumericDate() {
		o.realm.refuse("timeZoneName without a time")
	}
	if f.fields["timeZoneName"] != "" && f.glue() == 4 {
		o.realm.refuse("timeZoneName beside a weekday without a date")
	}
}

func (f *dateFormat) hasAny(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return f.fields[name] != "" })
}

func (f *dateFormat) isNumericDate() bool {
	return f.fields["weekday"] == "" && f.fields["month"] == "numeric" && f.fields["day"] == "numeric" && f.fields["year"] == "numeric"
}

// cycle is how hours are counted: h11, h12, h23 or h24.
func (f *dateFormat) cycle() string {
	switch {
	case f.hour12 != nil && !goja.IsUndefined(f.hour12):
		if f.hour12.ToBoolean() {
			if !f.locale.dates.Hour12 {
				return "h11" // V8 counts from where the locale begins
			}
			return "h12"
		}
		if f.locale.dates.Hour12 {
			return "h24" // as above
		}
		return "h23"
	case f.hourCycle != "":
		return f.hourCycle
	case f.locale.dates.Hour12:
		return "h12"
	}
	return "h23"
}

// pattern is what to write, with tokens in braces.
func (f *dateFormat) pattern() string {
	words := f.locale.dates
	late := 0
	if f.cycle() == "h23" || f.cycle() == "h24" {
		late = 1
	}
	if f.dateStyle != "" || f.timeStyle != "" {
		date, clock := slices.Index(dateStyles, f.dateStyle), slices.Index(dateStyles, f.timeStyle)
		switch {
		case clock < 0:
			return words.DateStyles[date]
		case date < 0:
			return words.TimeStyles[4*late+clock]
		}
		return words.DateStyles[date] + words.StyleGlue[date] + words.TimeStyles[4*late+clock]
	}
	at := func(name string, of []string) int { return slices.Index(of, f.fields[name]) }
	date := words.Date[((at("weekday", weekdays)*3+at("year", numeric))*5+at("month", months))*3+at("day", numeric)]
	times := words.Time
	switch zone := f.fields["timeZoneName"]; {
	case zone == "long" && words.LongZonedTime != nil:
		times = words.LongZonedTime
	case zone != "":
		times = words.ZonedTime
	}
	clock := times[((late*3+at("hour", numeric))*3+at("minute", numeric))*3+at("second", numeric)]
	if f.fields["fractionalSecondDigits"] != "" {
		clock = strings.Replace(strings.Replace(clock, "{ss}", "{ss}"+words.Fraction+"{S}", 1), "{s}", "{s}"+words.Fraction+"{S}", 1)
	}
	switch {
	case date == "":
		return clock
	case clock == "" && f.fields["timeZoneName"] != "":
		return date + words.DateZone + "{z}"
	case clock == "":
		return date
	}
	return strings.NewReplacer("{c}", "{E}", "{cccc}", "{EEEE}").Replace(date) + words.Glue[f.glue()] + clock
}

func (f *dateFormat) glue() int {
	switch f.fields["month"] {
	case "long":
		if f.fields["weekday"] != "" {
			return 3
		}
		return 2
	case "short":
		return 1
	case "":
		if f.fields["weekday"] != "" && f.fields["day"] == "" {
			return 4
		}
	}
	return 0
}

// text formats a time in milliseconds. V8 keeps the narrow space out of texts, not out of parts.
func (f *dateFormat) text(ms float64) string {
	return strings.ReplaceAll(joined(f.parts(ms)), "\u202f", " ")
}

// parts formats a time in milliseconds.
func (f *dateFormat) parts(ms float64) []piece {
	t := time.UnixMilli(int64(ms)).In(f.zone)
	var parts []piece
	pattern := f.pattern()
	for pattern != "" {
		literal, rest, found := strings.Cut(pattern, "{")
		if literal != "" {
			parts = append(parts, piece{"literal", literal})
		}
		if !found {
			break
		}
		token, after, _ := strings.Cut(rest, "}")
		parts = append(parts, f.token(token, t))
		pattern = after
	}
	return parts
}

func (f *dateFormat) token(token string, t time.Time) piece {
	names := f.locale.dates.Names[token]
	switch token {
	case "EEEE", "E", "cccc", "c":
		return piece{"weekday", names[t.Weekday()]}
	case "MMMM", "LLLL", "MMM", "LLL":
		return piece{"month", names[t.Month()-1]}
	case "M", "MM":
		return piece{"month", padded(int(t.Month()), len(token))}
	case "d", "dd":
		return piece{"day", padded(t.Day(), len(token))}
	case "y":
		return piece{"year", strconv.Itoa(t.Year())}
	case "yy":
		return piece{"year", padded(t.Year()%100, 2)}
	case "h", "hh", "H", "HH":
		return piece{"hour", padded(f.hour(t), len(token))}
	case "m", "mm":
		return piece{"minute", padded(t.Minute(), len(token))}
	case "s", "ss":
		return piece{"second", padded(t.Second(), len(token))}
	case "S":
		digits, _ := strconv.Atoi(f.fields["fractionalSecondDigits"])
		return piece{"fractionalSecond", fmt.Sprintf("%03d", t.Nanosecond()/1e6)[:digits]}
	case "a":
		return piece{"dayPeriod", f.locale.dates.Names["a"][t.Hour()/12]}
	}
	style := f.fields["timeZoneName"]
	if f.timeStyle == "full" {
		style = "long"
	} else if f.timeStyle != "" {
		style = "short"
	}
	return piece{"timeZoneName", zoneName(t, style, fullTag(f.locale.tag))}
}

func (f *dateFormat) hour(t time.Time) int {
	hour := t.Hour()
	switch f.cycle() {
	case "h11":
		return hour % 12
	case "h12":
		return (hour+11)%12 + 1
	case "h24":
		return (hour+23)%24 + 1
	}
	return hour
}

func padded(n, digits int) string { return fmt.Sprintf("%0*d", digits, n) }
