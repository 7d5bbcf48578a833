package scripts

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

// console gathers what a script prints during one call.
type console struct {
	lines []string
	used  int64
	room  int64
	full  bool
}

// What a line costs besides its text, so that empty ones end too.
const lineCost = 8

func (c *console) print(line string) {
	if c.full {
		return
	}
	left := c.room - c.used - lineCost
	if int64(len(line)) > left {
		c.full = true
		c.lines = append(c.lines,
			strings.ToValidUTF8(line[:max(left, 0)], ""),
			fmt.Sprintf("(console cut at %s, SCRIPT_LOG_SIZE)", size(c.room)))
		return
	}
	c.used += int64(len(line)) + lineCost
	c.lines = append(c.lines, line)
}

// take returns the lines and starts anew.
func (c *console) take() []string {
	lines := c.lines
	c.lines, c.used, c.full = nil, 0, false
	return lines
}

func (r *realm) consoleObject() *goja.Object {
	object := r.runtime.NewObject()
	for _, name := range []string{"log", "info", "warn", "error", "debug"} {
		hide(object, name, r.native(name, 0, func(c goja.FunctionCall) goja.Value {
			if !r.console.full {
				r.console.print(r.format(c.Arguments))
			}
			return goja.Undefined()
		}))
	}
	return object
}

// format joins values as Node's console does: a first string may hold %s and its kin.
func (r *realm) format(values []goja.Value) string {
	var out strings.Builder
	if len(values) > 1 && goja.IsString(values[0]) && strings.Contains(values[0].String(), "%") {
		values = r.substitute(&out, values[0].String(), values[1:])
		if len(values) > 0 {
			out.WriteByte(' ')
		}
	}
	for i, value := range values {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(r.show(value))
	}
	return out.String()
}

// substitute writes the format with its values, and returns those that it did not use.
func (r *realm) substitute(out *strings.Builder, format string, values []goja.Value) []goja.Value {
	for {
		text, rest, found := strings.Cut(format, "%")
		out.WriteString(text)
		if !found {
			return values
		}
		if rest == "" {
			out.WriteByte('%')
			return values
		}
		verb := rest[0]
		switch {
		case verb == '%':
			out.WriteByte('%')
		case len(values) > 0 && strings.IndexByte("sdifjoOc", verb) >= 0:
			out.WriteString(r.converted(verb, values[0]))
			values = values[1:]
		default:
			out.WriteByte('%')
			out.WriteByte(verb)
		}
		format = rest[1:]
	}
}

func (r *realm) converted(verb byte, value goja.Value) string {
	_, isObject := value.(*goja.Object)
	switch {
	case verb == 'c':
		return ""
	case strings.IndexByte("dif", verb) < 0:
		return r.show(value)
	case isObject:
		return "NaN"
	case verb == 'i':
		return r.runtime.ToValue(value.ToInteger()).String()
	}
	return value.ToNumber().String()
}

// show gives a value as a reader wants to see it: strings as they are, objects as JSON.
func (r *realm) show(value goja.Value) string {
	object, ok := value.(*goja.Object)
	if !ok {
		if symbol, ok := value.(*goja.Symbol); ok {
			return "Symbol(" + symbol.String() + ")"
		}
		if goja.IsBigInt(value) {
			return value.String() + "n"
		}
		return value.String()
	}
	switch r.class(object) {
	case "Error":
		return r.describe(object).Stack
	case "Function":
		name := r.ownText(object, "name")
		if name == "" {
			return "[Function (anonymous)]"
		}
		return "[Function: " + name + "]"
	}
	text, err := r.natives.stringify(goja.Undefined(), value)
	if _, ok := err.(*goja.InterruptedError); ok { //nolint:errorlint // unwrapping runs the script's code
		r.overdue = true
	}
	if err != nil || goja.IsUndefined(text) {
		return "[" + r.class(object) + "]"
	}
	return text.String()
}
