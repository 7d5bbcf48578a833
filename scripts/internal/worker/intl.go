package worker

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// intl is the object of that name. What is not in it, V8 has and this engine has not.
func (r *realm) intl() goja.Value {
	object := r.runtime.NewObject()
	r.tag(object, "Intl")
	for name, build := range map[string]func() goja.Value{
		"NumberFormat": r.numberFormatClass, "DateTimeFormat": r.dateFormatClass, "Collator": r.collatorClass,
		"PluralRules": r.pluralRulesClass, "ListFormat": r.listFormatClass, "RelativeTimeFormat": r.relativeTimeClass,
	} {
		r.onRead(object, name, build)
	}
	r.install(object, "getCanonicalLocales", 1, func(c goja.FunctionCall) goja.Value {
		return r.textList(r.localeTags(c.Argument(0)))
	})
	return object
}

func (r *realm) textList(texts []string) goja.Value {
	items := make([]any, len(texts))
	for i, text := range texts {
		items[i] = text
	}
	return r.runtime.NewArray(items...)
}

// intlClass makes a class of Intl, whose objects hold what build returns.
func (r *realm) intlClass(name string, build func(goja.ConstructorCall) any) (class, prototype *goja.Object) {
	class, prototype = r.hiddenClass(name, 0, build)
	r.tag(prototype, "Intl."+name)
	r.install(class, "supportedLocalesOf", 1, func(c goja.FunctionCall) goja.Value {
		var known []string
		for _, tag := range r.localeTags(c.Argument(0)) {
			if _, ok := knownLocales()[fullTag(tag)]; ok {
				known = append(known, tag)
			}
		}
		return r.textList(known)
	})
	return class, prototype
}

// resolved makes the object that resolvedOptions returns, without what was not asked for.
func (r *realm) resolved(pairs ...any) goja.Value {
	object := r.runtime.NewObject()
	for pair := range slices.Chunk(pairs, 2) {
		if name, ok := pair[0].(string); ok && pair[1] != "" && pair[1] != nil {
			put(object, name, r.runtime.ToValue(pair[1]))
		}
	}
	return object
}

func (r *realm) numberFormatClass() goja.Value {
	class, prototype := r.intlClass("NumberFormat", func(c goja.ConstructorCall) any {
		return r.numberFormat(c.Argument(0), r.options(c.Argument(1), "Intl.NumberFormat"))
	})
	this := func(c goja.FunctionCall, method string) *numberFormat {
		return insideOf[*numberFormat](r, c.This, "Intl.NumberFormat.prototype."+method)
	}
	r.getter(prototype, "format", func(c goja.FunctionCall) goja.Value {
		f := this(c, "format")
		if f.compare == nil {
			f.compare = r.native("", 1, func(c goja.FunctionCall) goja.Value {
				return r.runtime.ToValue(joined(f.parts(primitive(c.Argument(0)))))
			})
		}
		return f.compare
	})
	r.install(prototype, "formatToParts", 1, func(c goja.FunctionCall) goja.Value {
		return r.partsValue(this(c, "formatToParts").parts(primitive(c.Argument(0))))
	})
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		f := this(c, "resolvedOptions")
		pairs := []any{"locale", f.locale.tag, "numberingSystem", "latn", "style", f.style}
		if f.style == "currency" {
			pairs = append(pairs, "currency", f.currency, "currencyDisplay", f.currencyDisplay, "currencySign", f.signOfMoney)
		}
		if f.style == "unit" {
			pairs = append(pairs, "unit", f.unit, "unitDisplay", f.unitDisplay)
		}
		pairs = append(pairs, "minimumIntegerDigits", f.whole)
		if f.mostDigits > 0 {
			pairs = append(pairs, "minimumSignificantDigits", f.leastDigits, "maximumSignificantDigits", f.mostDigits)
		} else {
			pairs = append(pairs, "minimumFractionDigits", f.leastFraction, "maximumFractionDigits", f.mostFraction)
		}
		if f.grouping == "false" {
			pairs = append(pairs, "useGrouping", false)
		} else {
			pairs = append(pairs, "useGrouping", f.grouping)
		}
		pairs = append(pairs, "notation", f.notation)
		if f.notation == "compact" {
			pairs = append(pairs, "compactDisplay", f.compactDisplay)
		}
		return r.resolved(append(pairs, "signDisplay", f.signDisplay, "roundingIncrement", 1, "roundingMode", "halfExpand",
			"roundingPriority", "auto", "trailingZeroDisplay", "auto")...)
	})
	return class
}

// primitive keeps numbers, BigInts and texts, and converts what else there is.
func primitive(value goja.Value) goja.Value {
	if isObject(value) {
		return value.ToNumber()
	}
	return value
}

func (r *realm) dateFormatClass() goja.Value {
	class, prototype := r.intlClass("DateTimeFormat", func(c goja.ConstructorCall) any {
		return r.dateFormat(c.Argument(0), r.options(c.Argument(1), "Intl.DateTimeFormat"), [2]string{"any", "date"})
	})
	this := func(c goja.FunctionCall, method string) *dateFormat {
		return insideOf[*dateFormat](r, c.This, "Intl.DateTimeFormat.prototype."+method)
	}
	now := callable(r.builtin("Date").Get("now"))
	ms := func(value goja.Value) float64 {
		if goja.IsUndefined(value) {
			return r.call(now, goja.Undefined()).ToFloat()
		}
		f := value.ToNumber().ToFloat()
		if math.IsNaN(f) || math.Abs(f) > 8.64e15 {
			r.raise("RangeError", "Invalid time value")
		}
		return math.Trunc(f)
	}
	r.getter(prototype, "format", func(c goja.FunctionCall) goja.Value {
		f := this(c, "format")
		if f.format == nil {
			f.format = r.native("", 1, func(c goja.FunctionCall) goja.Value {
				return r.runtime.ToValue(f.text(ms(c.Argument(0))))
			})
		}
		return f.format
	})
	r.install(prototype, "formatToParts", 1, func(c goja.FunctionCall) goja.Value {
		return r.partsValue(this(c, "formatToParts").parts(ms(c.Argument(0))))
	})
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		return r.resolved(this(c, "resolvedOptions").resolved()...)
	})
	return class
}

func (f *dateFormat) resolved() []any {
	pairs := []any{"locale", f.locale.tag, "calendar", "gregory", "numberingSystem", "latn", "timeZone", spelledZone(f.zone)}
	if f.fields["hour"] != "" || f.timeStyle != "" {
		pairs = append(pairs, "hourCycle", f.cycle(), "hour12", f.cycle() == "h12" || f.cycle() == "h11")
	}
	widths := make(map[string]string)
	if f.dateStyle == "" && f.timeStyle == "" {
		for _, token := range strings.Split(f.pattern(), "{")[1:] {
			name, _, _ := strings.Cut(token, "}")
			widths[f.token(name, time.UnixMilli(0).UTC()).kind] = tokenWidth(name, f.fields["timeZoneName"])
		}
	}
	for _, name := range []string{"weekday", "year", "month", "day", "hour", "minute", "second", "timeZoneName"} {
		pairs = append(pairs, name, widths[name])
	}
	return append(pairs, "dateStyle", f.dateStyle, "timeStyle", f.timeStyle)
}

func tokenWidth(token, zone string) string {
	switch token {
	case "z":
		return zone
	case "EEEE", "MMMM", "LLLL", "cccc":
		return "long"
	case "E", "MMM", "LLL", "c":
		return "short"
	case "yy", "MM", "dd", "hh", "HH", "mm", "ss":
		return "2-digit"
	}
	return "numeric"
}

func (r *realm) collatorClass() goja.Value {
	class, prototype := r.intlClass("Collator", func(c goja.ConstructorCall) any {
		return r.collator(c.Argument(0), c.Argument(1))
	})
	this := func(c goja.FunctionCall, method string) *collator {
		return insideOf[*collator](r, c.This, "Intl.Collator.prototype."+method)
	}
	r.getter(prototype, "compare", func(c goja.FunctionCall) goja.Value {
		order := this(c, "compare")
		if order.compare == nil {
			order.compare = r.native("", 2, func(c goja.FunctionCall) goja.Value {
				return r.runtime.ToValue(order.order(r.toString(c.Argument(0)).String(), r.toString(c.Argument(1)).String()))
			})
		}
		return order.compare
	})
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		order := this(c, "resolvedOptions")
		return r.resolved("locale", order.locale.tag, "usage", "sort", "sensitivity", order.sensitivity,
			"ignorePunctuation", order.punctuation, "collation", "default", "numeric", order.numeric, "caseFirst", order.caseFirst)
	})
	return class
}

// pluralRules is English, the one language whose rules are written here.
type pluralRules struct {
	locale  locale
	ordinal bool
	format  *numberFormat
}

func (r *realm) pluralRulesClass() goja.Value {
	class, prototype := r.intlClass("PluralRules", func(c goja.ConstructorCall) any {
		p := &pluralRules{locale: r.english(c.Argument(0), "Intl.PluralRules")}
		o := r.options(c.Argument(1), "Intl.PluralRules")
		p.ordinal = o.word("type", "cardinal", "cardinal", "ordinal") == "ordinal"
		p.format = r.numberFormat(goja.Undefined(), r.options(c.Argument(1), "Intl.PluralRules"))
		return p
	})
	this := func(c goja.FunctionCall, method string) *pluralRules {
		return insideOf[*pluralRules](r, c.This, "Intl.PluralRules.prototype."+method)
	}
	r.install(prototype, "select", 1, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(this(c, "select").category(c.Argument(0).ToNumber().ToFloat()))
	})
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		p := this(c, "resolvedOptions")
		kind, categories := "cardinal", []string{"one", "other"}
		if p.ordinal {
			kind, categories = "ordinal", []string{"few", "one", "two", "other"}
		}
		return r.resolved("locale", p.locale.tag, "type", kind, "minimumIntegerDigits", p.format.whole,
			"minimumFractionDigits", p.format.leastFraction, "maximumFractionDigits", p.format.mostFraction,
			"pluralCategories", r.textList(categories), "roundingIncrement", 1, "roundingMode", "halfExpand", "roundingPriority", "auto", "trailingZeroDisplay", "auto")
	})
	return class
}

func (p *pluralRules) category(n float64) string {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return "other"
	}
	before, after := p.format.round(decimalOf(math.Abs(n))).text(1, p.format.leastFraction)
	if !p.ordinal {
		if before == "1" && after == "" {
			return "one"
		}
		return "other"
	}
	if after != "" || strings.HasSuffix(before, "11") || strings.HasSuffix(before, "12") || strings.HasSuffix(before, "13") {
		return "other"
	}
	switch before[len(before)-1] {
	case '1':
		return "one"
	case '2':
		return "two"
	case '3':
		return "few"
	}
	return "other"
}

func (r *realm) english(locales goja.Value, of string) locale {
	l := r.locale(locales)
	if l.language != "en" {
		r.refuse(of + " in locale " + l.tag)
	}
	return l
}

// listFormat joins words in English.
type listFormat struct {
	locale      locale
	kind, style string
}

func (r *realm) listFormatClass() goja.Value {
	class, prototype := r.intlClass("ListFormat", func(c goja.ConstructorCall) any {
		o := r.options(c.Argument(1), "Intl.ListFormat")
		return &listFormat{
			locale: r.english(c.Argument(0), "Intl.ListFormat"),
			kind:   o.word("type", "conjunction", "conjunction", "disjunction", "unit"),
			style:  o.word("style", "long", "long", "short", "narrow"),
		}
	})
	parts := func(c goja.FunctionCall, method string) []piece {
		f := insideOf[*listFormat](r, c.This, "Intl.ListFormat.prototype."+method)
		var words []string
		if !goja.IsUndefined(c.Argument(0)) {
			r.runtime.ForOf(r.iterable(c.Argument(0)), func(value goja.Value) bool {
				if !goja.IsString(value) {
					panic(r.runtime.NewTypeError("Iterable yielded %s which is not a string", r.word(value)))
				}
				words = append(words, value.String())
				return true
			})
		}
		return f.parts(words)
	}
	r.install(prototype, "format", 1, func(c goja.FunctionCall) goja.Value { return r.runtime.ToValue(joined(parts(c, "format"))) })
	r.install(prototype, "formatToParts", 1, func(c goja.FunctionCall) goja.Value { return r.partsValue(parts(c, "formatToParts")) })
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		f := insideOf[*listFormat](r, c.This, "Intl.ListFormat.prototype.resolvedOptions")
		return r.resolved("locale", f.locale.tag, "type", f.kind, "style", f.style)
	})
	return class
}

func (f *listFormat) parts(words []string) []piece {
	between, two, last := ", ", " and ", ", and "
	if f.locale.tag == "en-GB" || f.locale.tag == "en-AU" {
		last = " and "
	}
	switch {
	case f.kind == "disjunction":
		two, last = " or ", ", or "
		if f.locale.tag == "en-GB" || f.locale.tag == "en-AU" {
			last = " or "
		}
	case f.kind == "unit" && f.style == "narrow":
		between, two, last = " ", " ", " "
	case f.kind == "unit":
		two, last = ", ", ", "
	case f.style == "short" && strings.Contains(last, ","):
		two, last = " & ", ", & "
	case f.style == "narrow":
		two, last = ", ", ", "
	}
	var parts []piece
	for i, word := range words {
		switch {
		case i == 0:
		case len(words) == 2:
			parts = append(parts, piece{"literal", two})
		case i == len(words)-1:
			parts = append(parts, piece{"literal", last})
		default:
			parts = append(parts, piece{"literal", between})
		}
		parts = append(parts, piece{"element", word})
	}
	return parts
}

// relativeTime says in English how far away something is.
type relativeTime struct {
	locale  locale
	style   string
	words   bool // yesterday, next year
	numbers *numberFormat
}

func (r *realm) relativeTimeClass() goja.Value {
	class, prototype := r.intlClass("RelativeTimeFormat", func(c goja.ConstructorCall) any {
		o := r.options(c.Argument(1), "Intl.RelativeTimeFormat")
		f := &relativeTime{locale: r.english(c.Argument(0), "Intl.RelativeTimeFormat"), style: o.word("style", "long", "long", "short", "narrow")}
		f.words = o.word("numeric", "always", "always", "auto") == "auto"
		if f.style != "long" {
			r.refuse("style " + f.style + " of Intl.RelativeTimeFormat")
		}
		f.numbers = r.numberFormat(c.Argument(0), o.none())
		return f
	})
	r.install(prototype, "format", 2, func(c goja.FunctionCall) goja.Value {
		f := insideOf[*relativeTime](r, c.This, "Intl.RelativeTimeFormat.prototype.format")
		n := c.Argument(0).ToNumber().ToFloat()
		if math.IsNaN(n) || math.IsInf(n, 0) {
			r.raise("RangeError", "Invalid time value")
		}
		unit := r.toString(c.Argument(1)).String()
		text, ok := f.text(r, n, strings.TrimSuffix(unit, "s"))
		if !ok {
			r.raise("RangeError", "Invalid unit argument for Intl.RelativeTimeFormat.prototype.format() '"+unit+"'")
		}
		return r.runtime.ToValue(text)
	})
	r.install(prototype, "resolvedOptions", 0, func(c goja.FunctionCall) goja.Value {
		f := insideOf[*relativeTime](r, c.This, "Intl.RelativeTimeFormat.prototype.resolvedOptions")
		return r.resolved("locale", f.locale.tag, "style", f.style, "numeric", map[bool]string{true: "auto", false: "always"}[f.words], "numberingSystem", "latn")
	})
	return class
}

func (f *relativeTime) text(r *realm, n float64, unit string) (string, bool) {
	near := map[string][3]string{
		"second": {"", "now", ""}, "minute": {"", "this minute", ""}, "hour": {"", "this hour", ""},
		"day":  {"yesterday", "today", "tomorrow"},
		"week": {"last week", "this week", "next week"}, "month": {"last month", "this month", "next month"},
		"quarter": {"last quarter", "this quarter", "next quarter"}, "year": {"last year", "this year", "next year"},
	}
	words, ok := near[unit]
	if !ok {
		return "", false
	}
	if f.words && math.Trunc(n) == n && math.Abs(n) <= 1 {
		if word := words[int(n)+1]; word != "" {
			return word, true
		}
	}
	number := joined(f.numbers.parts(r.runtime.ToValue(math.Abs(n))))
	if number != "1" {
		unit += "s"
	}
	if math.Signbit(n) {
		return number + " " + unit + " ago", true
	}
	return "in " + number + " " + unit, true
}
