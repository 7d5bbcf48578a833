package worker

import (
	"math"
	"strings"

	"github.com/dop251/goja"
)

// stringsObject is s: the functions of underscore.string that Rocket.Chat's scripts have, with the
// meaning that its documentation gives them.
func (r *realm) stringsObject() goja.Value {
	object := r.runtime.NewObject()
	for name, f := range map[string]func(words) goja.Value{
		"truncate":     words.truncate,
		"trim":         func(w words) goja.Value { return w.trim(true, true) },
		"ltrim":        func(w words) goja.Value { return w.trim(true, false) },
		"rtrim":        func(w words) goja.Value { return w.trim(false, true) },
		"capitalize":   words.capitalize,
		"stripTags":    words.stripTags,
		"strLeft":      words.strLeft,
		"strRight":     words.strRight,
		"strRightBack": words.strRightBack,
		"numberFormat": words.numberFormat,
		"pad":          func(w words) goja.Value { return w.pad(w.side()) },
		"lrpad":        func(w words) goja.Value { return w.pad("both") },
	} {
		define(object, name, r.native(name, 1, func(c goja.FunctionCall) goja.Value { return f(words{r, c}) }))
	}
	return object
}

// words are the arguments of one of these functions.
type words struct {
	realm *realm
	call  goja.FunctionCall
}

// text is an argument as a string; nothing is the empty one.
func (w words) text(i int) goja.String {
	value := w.call.Argument(i)
	if isNothing(value) {
		return emptyText
	}
	if text, ok := value.(goja.String); ok {
		return text
	}
	text, ok := w.realm.runtime.ToValue(w.realm.text(value)).(goja.String)
	if !ok {
		return emptyText
	}
	return text
}

var emptyText = goja.StringFromUTF16(nil)

// textOr is an argument as a string, or another one where that says nothing.
func (w words) textOr(i int, otherwise string) goja.String {
	if !w.call.Argument(i).ToBoolean() {
		return goja.StringFromUTF16(latin1Units([]byte(otherwise), 0xff))
	}
	return w.text(i)
}

// number is an argument as a whole number.
func (w words) number(i int) int {
	n := w.call.Argument(i).ToFloat()
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return int(int32(int64(math.Mod(n, 1<<32)))) //nolint:gosec // as ~~n does
}

func (w words) truncate() goja.Value {
	text, size := w.text(0), w.number(1)
	end := w.textOr(2, "...")
	if text.Length() <= size {
		return text
	}
	if size < 0 {
		size = max(text.Length()+size, 0)
	}
	return text.Substring(0, size).Concat(end)
}

// trim takes white space off, or the characters of the second argument.
func (w words) trim(left, right bool) goja.Value {
	text := w.text(0)
	isOff := isSpace
	if given := w.call.Argument(1); !isNothing(given) {
		// As there, a regular expression's source counts, in brackets or not.
		if source := option(given, "source"); source != nil {
			return w.trimPattern(text, source, left, right)
		}
		set := w.text(1)
		isOff = func(u uint16) bool {
			for i := range set.Length() {
				if set.CharAt(i) == u {
					return true
				}
			}
			return false
		}
	}
	from, to := 0, text.Length()
	for left && from < to && isOff(text.CharAt(from)) {
		from++
	}
	for right && to > from && isOff(text.CharAt(to-1)) {
		to--
	}
	return text.Substring(from, to)
}

// trimPattern takes off what a regular expression finds at the ends.
func (w words) trimPattern(text, source goja.Value, left, right bool) goja.Value {
	for _, side := range []struct {
		wanted  bool
		pattern string
	}{{left, "^(?:" + source.String() + ")+"}, {right, "(?:" + source.String() + ")+$"}} {
		if !side.wanted {
			continue
		}
		expression, err := w.realm.runtime.New(w.realm.builtin("RegExp"), w.realm.runtime.ToValue(side.pattern))
		if err != nil {
			panic(err)
		}
		replace := w.realm.function(text.ToObject(w.realm.runtime), "replace")
		text = must(replace(text, expression, emptyText))
	}
	return text
}

// isSpace reports what \s matches.
func isSpace(u uint16) bool {
	switch {
	case u >= '\t' && u <= '\r', u == ' ', u == 0xa0, u == 0x1680, u >= 0x2000 && u <= 0x200a,
		u == 0x2028, u == 0x2029, u == 0x202f, u == 0x205f, u == 0x3000, u == 0xfeff:
		return true
	}
	return false
}

// capitalize makes the first letter large and, if told to, the others small.
func (w words) capitalize() goja.Value {
	text := w.text(0)
	if text.Length() == 0 {
		return text
	}
	first := w.cased(text.Substring(0, 1), "toUpperCase")
	rest := text.Substring(1, text.Length())
	if w.call.Argument(1).ToBoolean() {
		rest = w.cased(rest, "toLowerCase")
	}
	return first.Concat(rest)
}

// cased lets the engine change the case: it knows the letters that become two.
func (w words) cased(text goja.String, method string) goja.String {
	changed, ok := must(w.realm.function(text.ToObject(w.realm.runtime), method)(text)).(goja.String)
	if !ok {
		return text
	}
	return changed
}

// stripTags drops everything between < and >, which need not be tags of any language.
func (w words) stripTags() goja.Value {
	text := w.text(0).String()
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		out.WriteString(before)
		if !found {
			return w.realm.runtime.ToValue(out.String())
		}
		end := strings.IndexByte(rest, '>')
		inside := strings.TrimPrefix(rest[:max(end, 0)], "/")
		switch {
		case end < 0:
			out.WriteByte('<')
			out.WriteString(rest)
			return w.realm.runtime.ToValue(out.String())
		case inside == "" && rest[:end] != "/":
			out.WriteByte('<')
			text = rest
		default:
			text = rest[end+1:]
		}
	}
}

func (w words) strLeft() goja.Value {
	before, _, _ := strings.Cut(w.text(0).String(), w.separator())
	return w.realm.runtime.ToValue(before)
}

func (w words) strRight() goja.Value {
	text := w.text(0).String()
	if _, after, found := strings.Cut(text, w.separator()); found {
		text = after
	}
	return w.realm.runtime.ToValue(text)
}

func (w words) strRightBack() goja.Value {
	text, separator := w.text(0).String(), w.separator()
	if at := strings.LastIndex(text, separator); at >= 0 {
		text = text[at+len(separator):]
	}
	return w.realm.runtime.ToValue(text)
}

// separator is the second argument; an empty one occurs nowhere.
func (w words) separator() string {
	if separator := w.text(1).String(); separator != "" {
		return separator
	}
	return "\xff" // no text holds this byte
}

// numberFormat groups a number's digits by three.
func (w words) numberFormat() goja.Value {
	value := w.call.Argument(0)
	if isNothing(value) || math.IsNaN(value.ToFloat()) {
		return emptyText
	}
	number := value.ToNumber()
	toFixed := w.realm.function(number.ToObject(w.realm.runtime), "toFixed")
	whole, decimals, fractional := strings.Cut(must(toFixed(number, w.realm.runtime.ToValue(w.number(1)))).String(), ".")
	order := ","
	if given := w.call.Argument(3); goja.IsString(given) {
		order = given.String()
	}
	out := grouped(whole, order)
	if fractional {
		out += w.textOr(2, ".").String() + decimals
	}
	return w.realm.runtime.ToValue(out)
}

func grouped(digits, order string) string {
	var out strings.Builder
	for i := range len(digits) {
		if left := len(digits) - i; i > 0 && left%3 == 0 && isDigit(digits[i-1]) && isDigit(digits[i]) {
			out.WriteString(order)
		}
		out.WriteByte(digits[i])
	}
	return out.String()
}

// side is where pad adds: on the right, unless told otherwise.
func (w words) side() string {
	if given := w.call.Argument(3); given.ToBoolean() {
		return given.String()
	}
	return "right"
}

// pad makes a text as long as the second argument says.
func (w words) pad(side string) goja.Value {
	text, size := w.text(0), w.number(1)
	with := w.textOr(2, " ")
	if with.Length() == 0 {
		return text
	}
	missing := w.realm.bounded(int64(size - text.Length()))
	repeated := func(n int) goja.String {
		units := make([]uint16, n)
		for i := range units {
			units[i] = with.CharAt(0)
		}
		return goja.StringFromUTF16(units)
	}
	switch side {
	case "right":
		return text.Concat(repeated(missing))
	case "both":
		return repeated((missing + 1) / 2).Concat(text).Concat(repeated(missing / 2))
	}
	return repeated(missing).Concat(text)
}
