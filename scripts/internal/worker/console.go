package worker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/v8words"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// console gathers what a script prints during one call.
type console struct {
	lines  []string
	used   int64
	room   int64
	full   bool
	indent string // of the groups that are open
	counts map[string]int
	timers map[string]time.Time
}

// What a line costs besides its text, so that empty ones end too.
const lineCost = 8

// deepestGroup is how far lines step in; who opens more groups has lost count of them.
const deepestGroup = 40

func (c *console) print(line string) {
	if c.full {
		return
	}
	if c.indent != "" {
		line = c.indent + strings.ReplaceAll(line, "\n", "\n"+c.indent)
	}
	left := c.room - c.used - lineCost
	if int64(len(line)) > left {
		c.full = true
		c.lines = append(c.lines,
			strings.ToValidUTF8(line[:max(left, 0)], ""),
			fmt.Sprintf("(console cut at %s, SCRIPT_LOG_SIZE)", wire.SizeText(c.room)))
		return
	}
	c.used += int64(len(line)) + lineCost
	c.lines = append(c.lines, line)
}

// take returns the lines and starts anew.
func (c *console) take() []string {
	lines := c.lines
	c.lines, c.used, c.full, c.indent = nil, 0, false, ""
	return lines
}

func (r *realm) consoleObject() goja.Value {
	object := r.runtime.NewObject()
	print := func(c goja.FunctionCall) { r.console.print(r.format(c.Arguments)) }
	group := func(c goja.FunctionCall) {
		if len(c.Arguments) > 0 {
			print(c)
		}
		if len(r.console.indent) < 2*deepestGroup {
			r.console.indent += "  "
		}
	}
	methods := map[string]func(goja.FunctionCall){
		"log": print, "info": print, "warn": print, "error": print, "debug": print, "dirxml": print,
		"group": group, "groupCollapsed": group,
		"groupEnd":   func(goja.FunctionCall) { r.console.indent = strings.TrimPrefix(r.console.indent, "  ") },
		"assert":     r.consoleAssert,
		"count":      r.consoleCount,
		"countReset": func(c goja.FunctionCall) { delete(r.console.counts, r.consoleLabel(c)) },
		"dir":        r.consoleDir,
		"table":      r.consoleTable,
		"time":       r.consoleTime,
		"timeEnd": func(c goja.FunctionCall) {
			r.consoleTimePassed(c)
			delete(r.console.timers, r.consoleLabel(c))
		},
		"timeLog": r.consoleTimePassed,
		"trace":   r.consoleTrace,
	}
	for name, method := range methods {
		r.install(object, name, 0, func(c goja.FunctionCall) goja.Value {
			if !r.console.full {
				method(c)
			}
			return goja.Undefined()
		})
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
		if int64(out.Len()) > r.limits.LogSize {
			break
		}
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
	object, isObject := value.(*goja.Object)
	_, isSymbol := value.(*goja.Symbol)
	switch verb {
	case 'c':
		return ""
	case 's':
		return r.asText(value)
	case 'j':
		return r.asJSON(value)
	case 'o':
		i := inspector{realm: r, depth: 4, extras: true, left: int(r.limits.LogSize)}
		return i.value(value, 0)
	case 'O':
		return r.display(value, shownDepth)
	}
	switch {
	case isObject && object.ClassName() != "Number" || isSymbol:
		return "NaN"
	case goja.IsBigInt(value):
		return value.String() + "n"
	case verb == 'd':
		return r.display(value.ToNumber(), shownDepth)
	}
	parse := r.natives.parseFloat
	if verb == 'i' {
		parse = r.natives.parseInt
	}
	return r.display(r.call(parse, goja.Undefined(), value), shownDepth)
}

// asText is %s: only classes of the script's own are asked for their text.
func (r *realm) asText(value goja.Value) string {
	object, ok := value.(*goja.Object)
	if !ok {
		if goja.IsString(value) {
			return value.String()
		}
		return r.display(value, shownDepth)
	}
	if r.saysItself(object) {
		return value.String()
	}
	if r.class(object) == "Function" {
		i := inspector{realm: r}
		return i.source(object)
	}
	return r.display(value, 0)
}

// saysItself tells whether an object has a toString that is none of the language's own.
func (r *realm) saysItself(object *goja.Object) bool {
	for at := object; at != nil && !isProxied(at); at = at.Prototype() {
		if r.ownValue(at, "toString") == nil {
			continue
		}
		if at == object {
			return true
		}
		constructor, ok := r.ownValue(at, "constructor").(*goja.Object)
		return !ok || r.runtime.GlobalObject().Get(r.constructorName(at)) != constructor
	}
	return false
}

func (r *realm) asJSON(value goja.Value) string {
	text, err := r.natives.stringify(goja.Undefined(), value)
	if _, ok := err.(*goja.InterruptedError); ok { //nolint:errorlint // unwrapping runs the script's code
		r.overdue = true
	}
	switch {
	case err != nil:
		return "[Circular]"
	case text == nil || goja.IsUndefined(text):
		return "undefined"
	}
	return text.String()
}

// show gives a value as a reader wants to see it: strings as they are, all else as Node shows it.
func (r *realm) show(value goja.Value) string {
	if value != nil && goja.IsString(value) {
		return value.String()
	}
	return r.display(value, shownDepth)
}

// consoleLabel is what counters and timers are told apart by.
func (r *realm) consoleLabel(c goja.FunctionCall) string {
	if goja.IsUndefined(c.Argument(0)) {
		return "default"
	}
	return language.Shorten(r.toString(c.Argument(0)).String(), language.LongestName)
}

func (r *realm) consoleAssert(c goja.FunctionCall) {
	if c.Argument(0).ToBoolean() {
		return
	}
	if len(c.Arguments) < 2 {
		r.console.print("Assertion failed")
		return
	}
	values := slices.Clone(c.Arguments[1:])
	values[0] = r.runtime.ToValue("Assertion failed: " + r.toString(values[0]).String())
	r.console.print(r.format(values))
}

// Counters and timers are as many as a script has names for; the ones of a script that makes up
// names go with the rest when there are too many.
const mostLabels = 1000

func (r *realm) consoleCount(c goja.FunctionCall) {
	label := r.consoleLabel(c)
	if r.console.counts == nil || len(r.console.counts) > mostLabels {
		r.console.counts = make(map[string]int)
	}
	r.console.counts[label]++
	r.console.print(label + ": " + strconv.Itoa(r.console.counts[label]))
}

func (r *realm) consoleTime(c goja.FunctionCall) {
	if r.console.timers == nil || len(r.console.timers) > mostLabels {
		r.console.timers = make(map[string]time.Time)
	}
	r.console.timers[r.consoleLabel(c)] = time.Now()
}

func (r *realm) consoleTimePassed(c goja.FunctionCall) {
	label := r.consoleLabel(c)
	begin, ok := r.console.timers[label]
	if !ok {
		return
	}
	passed := time.Since(begin)
	line := fmt.Sprintf("%s: %.3gms", label, float64(passed)/float64(time.Millisecond))
	if passed >= time.Second {
		line = fmt.Sprintf("%s: %.3fs", label, passed.Seconds())
	}
	if len(c.Arguments) > 1 {
		line += " " + r.format(c.Arguments[1:])
	}
	r.console.print(line)
}

// deepestShown bounds what console.dir shows of a nest without end.
const deepestShown = 200

func (r *realm) consoleDir(c goja.FunctionCall) {
	depth := shownDepth
	if options, ok := c.Argument(1).(*goja.Object); ok && !isProxied(options) {
		switch asked := r.ownValue(options, "depth"); {
		case asked == nil || goja.IsUndefined(asked):
		case goja.IsNull(asked):
			depth = deepestShown
		default:
			depth = int(min(asked.ToNumber().ToInteger(), deepestShown))
		}
	}
	r.console.print(r.display(c.Argument(0), depth))
}

func (r *realm) consoleTrace(c goja.FunctionCall) {
	here := &strings.Builder{}
	frames := r.runtime.CaptureCallStack(deepestStack+1, nil)
	for i := range frames[min(1, len(frames)):] {
		r.place(here, frames[i+1].FuncName(), v8words.PlaceOf(&frames[i+1], nil), &integrations.ScriptError{Line: 1}, false)
	}
	text := r.format(c.Arguments)
	if text != "" {
		text = ": " + text
	}
	r.console.print("Trace" + text + here.String())
}

// consoleTable sets objects under each other.
func (r *realm) consoleTable(c goja.FunctionCall) {
	rows, ok := c.Argument(0).(*goja.Object)
	if ok {
		rows, _ = unwrapped(rows)
	}
	if !ok || isProxied(rows) || r.class(rows) == "Function" {
		r.console.print(r.format(c.Arguments))
		return
	}
	t := table{header: []string{"(index)"}, columns: make(map[string]int)}
	for _, row := range r.rowsOf(rows, &t) {
		if len(t.rows) >= shownItems*10 {
			break
		}
		r.addRow(&t, row)
	}
	r.console.print(t.text())
}

// rowsOf are what a table shows: entries of a map or set, or own properties.
func (r *realm) rowsOf(object *goja.Object, t *table) []attribute {
	i := inspector{realm: r}
	class := i.kind(object)
	if class != "Map" && class != "Set" {
		return slices.DeleteFunc(r.ownProperties(object, false), func(p attribute) bool { return p.symbol != nil })
	}
	t.header[0] = "(iteration index)"
	var rows []attribute
	i.ask(class, "forEach", object, r.runtime.ToValue(func(c goja.FunctionCall) goja.Value {
		row := attribute{name: strconv.Itoa(len(rows)), value: c.Argument(0)}
		if class == "Map" {
			row.key = c.Argument(1)
		}
		rows = append(rows, row)
		return goja.Undefined()
	}))
	return rows
}

func (r *realm) addRow(t *table, row attribute) {
	cells := map[int]string{0: row.name}
	if row.key != nil {
		cells[t.column("Key")] = r.display(row.key, 0)
	}
	object, ok := row.value.(*goja.Object)
	if !ok || row.key != nil || r.class(object) == "Function" {
		t.values = true
		cells[-1] = r.display(row.value, 0)
	} else if object, revoked := unwrapped(object); !revoked {
		for _, p := range r.ownProperties(object, false) {
			if p.symbol == nil && len(t.columns) < shownItems {
				cells[t.column(p.name)] = r.display(p.value, 0)
			}
		}
	}
	t.rows = append(t.rows, cells)
}

// table is what console.table prints; -1 is the column of values that are no objects.
type table struct {
	header  []string
	columns map[string]int
	values  bool
	rows    []map[int]string
}

func (t *table) column(name string) int {
	at, ok := t.columns[name]
	if !ok {
		at = len(t.header)
		t.columns[name] = at
		t.header = append(t.header, name)
	}
	return at
}

func (t *table) text() string {
	var order []int
	for at := range t.header {
		order = append(order, at)
	}
	header := func(at int) string {
		if at < 0 {
			return "Values"
		}
		return t.header[at]
	}
	if t.values {
		order = append(order, -1)
	}
	widths := make([]int, len(order))
	for i, at := range order {
		widths[i] = utf8.RuneCountInString(header(at))
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[at]))
		}
	}
	rule := func(left, middle, right string) string {
		parts := make([]string, len(widths))
		for i, width := range widths {
			parts[i] = strings.Repeat("─", width+2)
		}
		return left + strings.Join(parts, middle) + right
	}
	line := func(cell func(at int) string) string {
		parts := make([]string, len(order))
		for i, at := range order {
			text := cell(at)
			parts[i] = " " + text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+1)
		}
		return "│" + strings.Join(parts, "│") + "│"
	}
	lines := []string{rule("┌", "┬", "┐"), line(header), rule("├", "┼", "┤")}
	for _, row := range t.rows {
		lines = append(lines, line(func(at int) string { return row[at] }))
	}
	return strings.Join(append(lines, rule("└", "┴", "┘")), "\n")
}
