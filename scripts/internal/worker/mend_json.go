package worker

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// mendJSON indents in place of the engine, which forgets to step back after an empty array or
// object, and says where a circle is.
func (r *realm) mendJSON() {
	engines := callable(r.builtin("JSON").Get("stringify"))
	r.install(r.builtin("JSON"), "stringify", 3, func(c goja.FunctionCall) goja.Value {
		gap := r.gap(c.Argument(2))
		text, err := engines(c.This, c.Argument(0), c.Argument(1))
		if err != nil {
			r.explainCircle(c.Argument(0), err)
			panic(err)
		}
		if gap == "" || goja.IsUndefined(text) {
			return text
		}
		return r.runtime.ToValue(indent(text.String(), gap))
	})
}

// gap is what one level is indented by: up to ten spaces or characters.
func (r *realm) gap(space goja.Value) string {
	if object, ok := space.(*goja.Object); ok {
		switch r.class(object) {
		case "Number":
			space = object.ToNumber()
		case "String":
			space = object.ToString()
		}
	}
	switch {
	case goja.IsString(space):
		units := unitsOf(r.toString(space))
		return string(utf16.Decode(units[:min(len(units), 10)]))
	case goja.IsNumber(space):
		return strings.Repeat(" ", int(math.Max(0, math.Min(10, math.Trunc(space.ToFloat())))))
	}
	return ""
}

// indent lays out a JSON text that has no white space.
func indent(text, gap string) string {
	var out strings.Builder
	depth := 0
	newLine := func() {
		out.WriteByte('\n')
		for range depth {
			out.WriteString(gap)
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + stringEnd(text[i:])
			out.WriteString(text[i:end])
			i = end - 1
		case '{', '[':
			out.WriteByte(c)
			if i+1 < len(text) && text[i+1] == c+2 { // { and }, [ and ] are two apart
				i++
				out.WriteByte(c + 2)
				continue
			}
			depth++
			newLine()
		case '}', ']':
			depth--
			newLine()
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			newLine()
		case ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// stringEnd is the length of the literal that a text begins with.
func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// explainCircle throws the engine's error anew with the way that leads back to where it began.
func (r *realm) explainCircle(value goja.Value, err error) {
	thrown, ok := err.(*goja.Exception) //nolint:errorlint // unwrapping runs the script's code
	if !ok {
		return
	}
	object, ok := thrown.Value().(*goja.Object)
	if !ok || r.class(object) != "Error" || r.ownText(object, "message") != "Converting circular structure to JSON" {
		return
	}
	root, ok := value.(*goja.Object)
	if !ok {
		return
	}
	search := circle{realm: r, left: 10000}
	if search.find(root, "") {
		panic(r.runtime.NewTypeError("%s", search.text()))
	}
}

// circle looks for an object that holds itself, in the order in which JSON.stringify would meet it.
type circle struct {
	realm *realm
	path  []circleStep
	begin int // of the circle in the path
	left  int // steps until the search is given up
}

type circleStep struct {
	object *goja.Object
	name   string // of the property that led here
}

func (c *circle) find(object *goja.Object, name string) bool {
	for i, step := range c.path {
		if step.object == object {
			c.begin = i
			c.path = append(c.path, circleStep{object, name})
			return true
		}
	}
	if c.left--; c.left < 0 {
		return false
	}
	c.path = append(c.path, circleStep{object, name})
	for _, p := range c.realm.ownProperties(object, false) {
		if held, ok := p.value.(*goja.Object); ok && !p.accessor && c.find(held, p.name) {
			return true
		}
	}
	c.path = c.path[:len(c.path)-1]
	return false
}

func (c *circle) text() string {
	steps := c.path[c.begin:]
	lines := []string{
		"Converting circular structure to JSON",
		fmt.Sprintf("    --> starting at object with constructor '%s'", c.realm.constructorName(steps[0].object)),
	}
	middle := steps[1 : len(steps)-1]
	for i, step := range middle {
		if len(middle) > 3 && i >= 2 && i < len(middle)-1 {
			if i == 2 {
				lines = append(lines, "    |     ...")
			}
			continue
		}
		lines = append(lines, fmt.Sprintf("    |     %s -> object with constructor '%s'", stepName(step.name), c.realm.constructorName(step.object)))
	}
	return strings.Join(append(lines, "    --- "+stepName(steps[len(steps)-1].name)+" closes the circle"), "\n")
}

func stepName(name string) string {
	if _, err := strconv.ParseUint(name, 10, 32); err == nil {
		return "index " + name
	}
	return "property '" + name + "'"
}
