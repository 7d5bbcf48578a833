package worker

import (
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// mendRegexp finds the empty match after another one, which the engine's short way through match,
// replace and split passes over, and stops after the first match where flag u stands without g, which
// that way does not always. Its long way, one exec after the other, does; an object with an exec of its
// own takes that.
func (r *realm) mendRegexp() {
	prototype := r.prototype("RegExp")
	engines := r.builtin("RegExp")
	for name, symbol := range map[string]*goja.Symbol{"[Symbol.match]": goja.SymMatch, "[Symbol.replace]": goja.SymReplace} {
		engine := callable(prototype.GetSymbol(symbol))
		r.symbolMethod(prototype, symbol, name, func(c goja.FunctionCall) goja.Value {
			this, ok := c.This.(*goja.Object)
			if !ok || !r.isPlainRegexp(this, prototype) || !needsSteps(this) {
				return r.call(engine, c.This, c.Arguments...)
			}
			text := r.toString(c.Argument(0))
			steps := r.stepwise(engines, this, prototype)
			value := r.call(engine, steps, append([]goja.Value{text}, c.Arguments[min(1, len(c.Arguments)):]...)...)
			_ = this.Set("lastIndex", steps.Get("lastIndex")) // a regular expression of the engine's takes it
			return value
		})
	}
	split := callable(prototype.GetSymbol(goja.SymSplit))
	r.symbolMethod(prototype, goja.SymSplit, "[Symbol.split]", func(c goja.FunctionCall) goja.Value {
		this, ok := c.This.(*goja.Object)
		if !ok || !r.isPlainRegexp(this, prototype) || !canBeEmpty(this.Get("source").String()) {
			return r.call(split, c.This, c.Arguments...)
		}
		return r.split(this, engines, c)
	})
	_ = prototype.GetSymbol(goja.SymSplit).ToObject(r.runtime).DefineDataProperty("length", r.runtime.ToValue(2), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = prototype.GetSymbol(goja.SymReplace).ToObject(r.runtime).DefineDataProperty("length", r.runtime.ToValue(2), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	for _, name := range []string{"hasIndices", "unicodeSets"} {
		r.getter(prototype, name, func(c goja.FunctionCall) goja.Value {
			if c.This == prototype {
				return goja.Undefined()
			}
			return r.runtime.ToValue(false)
		})
	}
}

// isPlainRegexp tells one of the engine's own from those of derived classes and from lookalikes.
func (r *realm) isPlainRegexp(object, prototype *goja.Object) bool {
	return !isProxied(object) && object.ClassName() == "RegExp" && object.Prototype() == prototype && r.ownValue(object, "exec") == nil
}

// needsSteps tells whether the engine's short way could go wrong.
func needsSteps(regexp *goja.Object) bool {
	if !regexp.Get("global").ToBoolean() {
		return regexp.Get("unicode").ToBoolean()
	}
	return canBeEmpty(regexp.Get("source").String())
}

// stepwise is a copy of a regular expression that is matched by exec alone.
func (r *realm) stepwise(engines, of, prototype *goja.Object) *goja.Object {
	twin, err := r.runtime.New(engines, of)
	if err != nil {
		panic(err)
	}
	_ = twin.SetPrototype(prototype)
	_ = twin.Set("lastIndex", of.Get("lastIndex")) // it is an own one
	hide(twin, "exec", prototype.Get("exec"))
	return twin
}

// split cuts a text where a regular expression matches, also where it matches nothing between two
// characters.
func (r *realm) split(by, engines *goja.Object, c goja.FunctionCall) goja.Value {
	text := r.toString(c.Argument(0))
	limit := uint32(1<<32 - 1)
	if given := c.Argument(1); !goja.IsUndefined(given) {
		limit = uint32(given.ToNumber().ToInteger()) //nolint:gosec // modulo 2^32, as the language has it
	}
	flags := strings.ReplaceAll(by.Get("flags").String(), "y", "")
	if !strings.Contains(flags, "g") {
		flags += "g"
	}
	step, err := r.runtime.New(engines, by, r.runtime.ToValue(flags))
	if err != nil {
		panic(err)
	}
	exec := callable(r.prototype("RegExp").Get("exec"))
	var parts []any
	add := func(part goja.Value) bool {
		parts = append(parts, part)
		return uint32(len(parts)) < limit //nolint:gosec // as many as there are characters at most
	}
	begin, from, size := 0, 0, text.Length()
	for limit > 0 {
		_ = step.Set("lastIndex", from) // it is ours
		match, ok := r.call(exec, step, text).(*goja.Object)
		if !ok {
			break
		}
		at, end := int(match.Get("index").ToInteger()), int(step.Get("lastIndex").ToInteger())
		if size == 0 {
			return r.runtime.NewArray()
		}
		if at >= size {
			break
		}
		if end == begin || end == at && at == begin {
			from = next(text, max(at, from), strings.Contains(flags, "u"))
			continue
		}
		if !add(text.Substring(begin, at)) {
			return r.runtime.NewArray(parts...)
		}
		for i := range int(match.Get("length").ToInteger()) - 1 {
			if !add(match.Get(strconv.Itoa(i + 1))) {
				return r.runtime.NewArray(parts...)
			}
		}
		begin, from = end, end
		if end == at {
			from = next(text, end, strings.Contains(flags, "u"))
		}
	}
	if limit > 0 {
		parts = append(parts, text.Substring(begin, size))
	}
	return r.runtime.NewArray(parts...)
}

// next is the place of the next character.
func next(text goja.String, at int, whole bool) int {
	if whole && at+1 < text.Length() && text.CharAt(at)&0xFC00 == 0xD800 && text.CharAt(at+1)&0xFC00 == 0xDC00 {
		return at + 2
	}
	return at + 1
}

// canBeEmpty tells whether a pattern may match nothing. It may err on that side.
func canBeEmpty(pattern string) bool {
	empty, _ := emptyAlternatives(pattern)
	return empty
}

// emptyAlternatives reads up to a closing parenthesis.
func emptyAlternatives(pattern string) (empty bool, rest string) {
	sequence := true // all so far can be empty
	for pattern != "" {
		if pattern[0] == ')' {
			break
		}
		if pattern[0] == '|' {
			empty, sequence, pattern = empty || sequence, true, pattern[1:]
			continue
		}
		var term bool
		term, pattern = emptyTerm(pattern)
		if pattern != "" && (pattern[0] == '*' || pattern[0] == '?' || strings.HasPrefix(pattern, "{0")) {
			term = true
		}
		sequence = sequence && term
	}
	return empty || sequence, pattern
}

func emptyTerm(pattern string) (empty bool, rest string) {
	switch pattern[0] {
	case '(':
		inner := pattern[1:]
		for _, look := range []string{"?=", "?!", "?<=", "?<!"} {
			if strings.HasPrefix(inner, look) {
				_, rest = emptyAlternatives(inner[len(look):])
				return true, strings.TrimPrefix(rest, ")")
			}
		}
		if strings.HasPrefix(inner, "?<") {
			_, inner, _ = strings.Cut(inner, ">")
		}
		inner = strings.TrimPrefix(inner, "?:")
		empty, rest = emptyAlternatives(inner)
		return empty, strings.TrimPrefix(rest, ")")
	case '[':
		return false, classEnd(pattern)
	case '\\':
		if len(pattern) < 2 {
			return false, ""
		}
		return strings.IndexByte("bBk123456789", pattern[1]) >= 0, pattern[2:]
	case '^', '$', '*', '+', '?', '{', '}':
		return true, pattern[1:]
	}
	return false, pattern[1:]
}

func classEnd(pattern string) string {
	for i := 1; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case ']':
			return pattern[i+1:]
		}
	}
	return ""
}

// mendRegexpConstructor lets new RegExp(text) take what a literal may be.
func (r *realm) mendRegexpConstructor() {
	engines, prototype := r.builtin("RegExp"), r.prototype("RegExp")
	class := r.wrap(engines, func(arguments []goja.Value, newTarget *goja.Object) goja.Value {
		pattern, flags := argumentOf(arguments, 0), argumentOf(arguments, 1)
		if object, ok := pattern.(*goja.Object); ok && newTarget == nil && goja.IsUndefined(flags) &&
			r.isRegexp(object) && object.Get("constructor") == r.runtime.Get("RegExp") {
			return object
		}
		return r.newRegexp(engines, arguments, newTarget)
	})
	hide(r.runtime.GlobalObject(), "RegExp", class)
	hide(prototype, "constructor", class)
}

func argumentOf(arguments []goja.Value, at int) goja.Value {
	if at < len(arguments) {
		return arguments[at]
	}
	return goja.Undefined()
}

// isRegexp asks as the language does.
func (r *realm) isRegexp(object *goja.Object) bool {
	if says := object.GetSymbol(goja.SymMatch); says != nil && !goja.IsUndefined(says) {
		return says.ToBoolean()
	}
	return !isProxied(object) && object.ClassName() == "RegExp"
}

func (r *realm) newRegexp(engines *goja.Object, arguments []goja.Value, newTarget *goja.Object) *goja.Object {
	pattern, flags := argumentOf(arguments, 0), argumentOf(arguments, 1)
	if object, ok := pattern.(*goja.Object); ok && r.isRegexp(object) {
		if goja.IsUndefined(flags) {
			flags = object.Get("flags")
		}
		pattern = object.Get("source")
	}
	var text, letters string
	if pattern != nil && !goja.IsUndefined(pattern) {
		text = r.toString(pattern).String()
	}
	if flags != nil && !goja.IsUndefined(flags) {
		letters = r.toString(flags).String()
	}
	modern, modernFlags, err := language.ModernPattern(text, letters)
	switch {
	case err == language.ErrFlags: //nolint:errorlint // never wrapped
		r.raise("SyntaxError", "Invalid flags supplied to RegExp constructor '"+letters+"'")
	case err != nil:
		r.raise("SyntaxError", err.Error())
	}
	made := r.construct(engines, newTarget, r.runtime.ToValue(modern), r.runtime.ToValue(modernFlags))
	r.keepSource(made, text, letters, modern, modernFlags)
	return made
}

// keepSource lets a regular expression that was rewritten show what was written.
func (r *realm) keepSource(made *goja.Object, text, flags, modern, modernFlags string) {
	if source := escapedSource(text); text != modern || strings.Contains(source, `\/`) {
		r.fix(made, "source", r.runtime.ToValue(source))
	}
	if flags != modernFlags {
		r.fix(made, "flags", r.runtime.ToValue(flags))
		r.fix(made, "unicodeSets", r.runtime.ToValue(true))
		r.fix(made, "unicode", r.runtime.ToValue(false))
	}
}

// escapedSource is a pattern as it would stand between slashes.
func escapedSource(text string) string {
	if text == "" {
		return "(?:)"
	}
	var out strings.Builder
	inClass, escaped := false, false
	for _, c := range text {
		switch {
		case c == '\n' || c == '\r' || c == '\u2028' || c == '\u2029':
			if !escaped {
				out.WriteByte('\\')
			}
			out.WriteString(map[rune]string{'\n': "n", '\r': "r", '\u2028': "u2028", '\u2029': "u2029"}[c])
			escaped = false
			continue
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '/' && !inClass:
			out.WriteByte('\\')
		}
		out.WriteRune(c)
	}
	return out.String()
}

// fix adds a property that cannot be changed or seen.
func (r *realm) fix(object *goja.Object, name string, value goja.Value) {
	_ = object.DefineDataProperty(name, value, goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}

// regexpStatics is no word, and stands for a mention of RegExp.$1 and its kin.
const regexpStatics = "RegExp.$"

// namesMatch tells whether what follows RegExp could be a property that tells the last match.
func namesMatch(after string) bool {
	after = strings.TrimSpace(after)
	for _, begin := range []string{".$", "[", ".last", ".left", ".right", ".input"} {
		if strings.HasPrefix(after, begin) {
			return true
		}
	}
	return false
}

// mendRegexpMatch keeps the last match, where a script asks for it by RegExp.$1 and its kin.
func (r *realm) mendRegexpMatch() {
	prototype, class := r.prototype("RegExp"), r.builtin("RegExp")
	var match *goja.Object
	exec := callable(prototype.Get("exec"))
	remember := func(this, text goja.Value) goja.Value {
		found := r.call(exec, this, text)
		if object, ok := found.(*goja.Object); ok {
			match = object
		}
		return found
	}
	r.install(prototype, "exec", 1, func(c goja.FunctionCall) goja.Value { return remember(c.This, r.toString(c.Argument(0))) })
	r.install(prototype, "test", 1, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(isObject(remember(c.This, r.toString(c.Argument(0)))))
	})
	part := func(name string) string {
		if match == nil {
			return ""
		}
		input, whole := match.Get("input").String(), match.Get("0").String()
		at := int(match.Get("index").ToInteger())
		units := r.toString(match.Get("input"))
		switch name {
		case "input":
			return input
		case "lastMatch":
			return whole
		case "lastParen":
			return r.groupText(match, int(match.Get("length").ToInteger())-1)
		case "leftContext":
			return units.Substring(0, at).String()
		case "rightContext":
			return units.Substring(at+r.toString(match.Get("0")).Length(), units.Length()).String()
		}
		n, _ := strconv.Atoi(name[1:])
		return r.groupText(match, n)
	}
	accessor := func(name, of string) {
		get := r.native("get "+name, 0, func(goja.FunctionCall) goja.Value { return r.runtime.ToValue(part(of)) })
		ignore := r.native("set "+name, 1, func(goja.FunctionCall) goja.Value { return goja.Undefined() })
		_ = class.DefineAccessorProperty(name, get, ignore, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
	}
	for n := 1; n <= 9; n++ {
		accessor("$"+strconv.Itoa(n), "$"+strconv.Itoa(n))
	}
	for name, short := range map[string]string{"input": "$_", "lastMatch": "$&", "lastParen": "$+", "leftContext": "$`", "rightContext": "$'"} {
		accessor(name, name)
		accessor(short, name)
	}
}

// groupText is what a group matched, nothing where it took no part.
func (r *realm) groupText(match *goja.Object, n int) string {
	if value := match.Get(strconv.Itoa(n)); n > 0 && value != nil && !goja.IsUndefined(value) {
		return value.String()
	}
	return ""
}
