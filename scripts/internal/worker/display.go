package worker

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// inspector shows values as Node's util.inspect does, and stops when it has written as much as there
// is room for. Of the author's code it runs what Node runs too, a getter of Symbol.toStringTag, and
// what the author has put in place of a built-in.
type inspector struct {
	realm   *realm
	depth   int // levels that are shown, below the first
	extras  bool
	shallow bool // it only matters whether there is something
	left    int  // bytes that may still be written
	level   int  // of the object that was begun last
	indent  int  // columns
	path    []*goja.Object
	circles []*goja.Object // objects that hold themselves, in the order in which that was found
}

const (
	shownDepth  = 2
	shownItems  = 100
	shownText   = 10000 // characters of a string
	lineWidth   = 80
	widestShort = 6 // items of an array that are not set in columns
)

// display shows a value.
func (r *realm) display(value goja.Value, depth int) string {
	i := inspector{realm: r, depth: depth, left: int(min(r.limits.LogSize, 1<<20))}
	return i.value(value, 0)
}

// value shows what stands at some level.
func (i *inspector) value(value goja.Value, level int) string {
	object, ok := value.(*goja.Object)
	if !ok {
		text := i.primitive(value, false)
		i.left -= len(text)
		return text
	}
	if i.left <= 0 || i.shallow {
		return "…"
	}
	object, revoked := unwrapped(object)
	if revoked {
		return "<Revoked Proxy>"
	}
	if slices.Contains(i.path, object) {
		return i.circular(object)
	}
	text := i.object(object, level)
	i.left -= len(text) / (level + 1)
	return text
}

// unwrapped is what a proxy stands for: Node does not ask its traps either.
func unwrapped(object *goja.Object) (target *goja.Object, revoked bool) {
	for isProxied(object) {
		proxy, ok := object.Export().(goja.Proxy)
		if !ok || proxy.Target() == nil {
			return object, true
		}
		object = proxy.Target()
	}
	return object, false
}

func (i *inspector) circular(object *goja.Object) string {
	at := slices.Index(i.circles, object)
	if at < 0 {
		i.circles = append(i.circles, object)
		at = len(i.circles) - 1
	}
	return fmt.Sprintf("[Circular *%d]", at+1)
}

func (i *inspector) primitive(value goja.Value, plain bool) string {
	if symbol, ok := value.(*goja.Symbol); ok {
		return symbolText(symbol)
	}
	switch {
	case value == nil:
		return "undefined"
	case goja.IsBigInt(value):
		return value.String() + "n"
	case goja.IsString(value):
		if plain {
			return quotedText(value.String())
		}
		return i.text(i.realm.toString(value))
	case goja.IsNumber(value) && value.ToFloat() == 0 && math.Signbit(value.ToFloat()):
		return "-0"
	}
	return value.String()
}

func symbolText(symbol *goja.Symbol) string { return "Symbol(" + symbol.String() + ")" }

// text quotes a string; a long one goes over several lines, cut where its own lines end.
func (i *inspector) text(value goja.String) string {
	length, more := value.Length(), ""
	if length > shownText {
		value = value.Substring(0, shownText)
		if more = fmt.Sprintf("... %d more characters", length-shownText); length == shownText+1 {
			more = "... 1 more character"
		}
	}
	text := value.String()
	if value.Length() > 16 && value.Length() > lineWidth-i.indent-4 && strings.Contains(strings.TrimSuffix(text, "\n"), "\n") {
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, quotedText(line))
		}
		return strings.Join(lines, " +\n"+strings.Repeat(" ", i.indent+2)) + more
	}
	return quotedText(text) + more
}

// quotedText uses the quotes that the text itself does not hold.
func quotedText(text string) string {
	quote := byte('\'')
	if strings.Contains(text, "'") {
		if !strings.Contains(text, `"`) {
			quote = '"'
		} else if !strings.Contains(text, "`") && !strings.Contains(text, "${") {
			quote = '`'
		}
	}
	var out strings.Builder
	out.WriteByte(quote)
	for _, c := range text {
		switch {
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\t':
			out.WriteString(`\t`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\b':
			out.WriteString(`\b`)
		case c == '\f':
			out.WriteString(`\f`)
		case c == '\v':
			out.WriteString(`\v`)
		case c == '\\':
			out.WriteString(`\\`)
		case c == rune(quote):
			out.WriteByte('\\')
			out.WriteRune(c)
		case c < 0x20 || c >= 0x7f && c <= 0x9f:
			fmt.Fprintf(&out, `\x%02X`, c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteByte(quote)
	return out.String()
}

func (i *inspector) object(object *goja.Object, level int) string {
	if level > i.depth {
		return i.tooDeep(object)
	}
	i.path = append(i.path, object)
	i.level = level
	s := i.sketch(object, level)
	i.properties(object, &s, level)
	i.path = i.path[:len(i.path)-1]
	reference := ""
	if at := slices.Index(i.circles, object); at >= 0 {
		reference = fmt.Sprintf("<ref *%d> ", at+1)
	}
	return i.lay(s, reference, level)
}

// tooDeep names an object, unless there is nothing in it.
func (i *inspector) tooDeep(object *goja.Object) string {
	look := *i
	look.shallow = true
	s := look.sketch(object, i.level)
	if look.properties(object, &s, i.level); len(s.entries) == 0 {
		return i.lay(s, "", i.level)
	}
	name := i.className(object, "Object")
	if i.realm.class(object) == "Array" {
		return "[Array]"
	}
	return "[" + strings.TrimSuffix(name, " ") + "]"
}

// className is what an object is announced by.
func (i *inspector) className(object *goja.Object, otherwise string) string {
	name, found := i.ownerName(object)
	if !found {
		name = otherwise
	}
	label := name
	if !found {
		label = "[" + otherwise + ": null prototype]"
		if i.level > i.depth {
			label = otherwise + ": null prototype"
		}
	}
	if tag := i.tag(object); tag != "" && tag != name {
		label += " [" + tag + "]"
	}
	return label
}

// ownerName is that of the first constructor on the way up that has one.
func (i *inspector) ownerName(object *goja.Object) (string, bool) {
	for at := object; at != nil && !isProxied(at); at = at.Prototype() {
		constructor, ok := i.realm.ownValue(at, "constructor").(*goja.Object)
		if !ok || isProxied(constructor) || i.realm.class(constructor) != "Function" {
			continue
		}
		if name := i.realm.ownValue(constructor, "name"); name != nil && goja.IsString(name) && name.String() != "" {
			return name.String(), true
		}
	}
	return "", false
}

func (i *inspector) tag(object *goja.Object) string {
	for at := object; at != nil && !isProxied(at); at = at.Prototype() {
		p, ok := i.realm.own(at, goja.SymToStringTag)
		switch {
		case !ok:
			continue
		case p.accessor:
			// Node asks as well.
			_ = i.realm.attempt(func() { p.value = object.GetSymbol(goja.SymToStringTag) })
		case at == object && p.enumerable:
			return "" // it is shown
		}
		if p.value != nil && goja.IsString(p.value) {
			return p.value.String()
		}
		return ""
	}
	return ""
}
