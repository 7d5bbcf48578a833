package scripts

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
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

// sketch is how an object is written: what stands before the braces, and what stands in them.
type sketch struct {
	base    string // instead of braces where nothing stands in them
	prefix  string
	open    string
	close   string
	entries []string
	list    bool // an array
	right   bool // its items are numbers, set to the right
	more    int  // entries at the end that tell how many were left out
	skip    func(name string) bool
	always  bool // braces even where nothing stands in them
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

// sketch knows the kinds of objects that the language has.
func (i *inspector) sketch(object *goja.Object, level int) sketch {
	switch class := i.kind(object); class {
	case "Array":
		return i.array(object, level)
	case "Map", "Set":
		return i.collection(object, class, level)
	case "Function":
		return sketch{base: i.function(object), skip: func(string) bool { return false }}
	case "Error":
		return i.failure(object)
	case "RegExp":
		return sketch{base: i.prefixed(object, "RegExp", i.pattern(object))}
	case "Date":
		return sketch{base: i.prefixed(object, "Date", i.date(object))}
	case "Number", "Boolean", "String", "Symbol", "BigInt":
		return i.boxed(object, class)
	case "Promise":
		return i.promise(object, level)
	case "WeakMap", "WeakSet":
		return sketch{prefix: class + " ", open: "{", close: "}", entries: []string{"<items unknown>"}}
	case "Arguments":
		return sketch{prefix: "[Arguments] ", open: "{", close: "}", always: true}
	}
	if s, ok := i.binary(object); ok {
		return s
	}
	name := i.className(object, "Object")
	if name == "Object" {
		name = ""
	} else {
		name += " "
	}
	return sketch{prefix: name, open: "{", close: "}", always: true}
}

// kind is the class, also where the engine calls it an object.
func (i *inspector) kind(object *goja.Object) string {
	class := i.realm.class(object)
	if class != "Object" {
		if _, ok := goja.AssertFunction(object); ok {
			return "Function"
		}
		return class
	}
	switch object.ExportType() {
	case reflect.TypeFor[[][2]any]():
		return "Map"
	case reflect.TypeFor[[]any]():
		return "Set"
	case reflect.TypeFor[*goja.Promise]():
		return "Promise"
	}
	switch tag := i.tag(object); tag {
	case "WeakMap", "WeakSet":
		return tag
	case "Symbol", "BigInt":
		if value := i.ask(tag, "valueOf", object); value != nil {
			return tag
		}
	}
	if _, ok := goja.AssertFunction(object); ok {
		return "Function"
	}
	return class
}

// prefixed announces what is of a derived class.
func (i *inspector) prefixed(object *goja.Object, usual, text string) string {
	if name := i.className(object, usual); name != usual {
		return name + " " + text
	}
	return text
}

// ask calls a method of a class of the language's own. Should the author have put another in its
// place, that is what answers.
func (i *inspector) ask(class, method string, of *goja.Object, arguments ...goja.Value) (answer goja.Value) {
	_ = i.realm.attempt(func() { // who does not answer shows nothing
		answer = i.realm.call(i.realm.needFunction(i.realm.prototype(class).Get(method)), of, arguments...)
	})
	return answer
}

func (i *inspector) source(function *goja.Object) string {
	text, err := i.realm.natives.source(function)
	if err != nil {
		return ""
	}
	return text.String()
}

func (i *inspector) date(object *goja.Object) string {
	at, ok := object.Export().(time.Time)
	if !ok {
		return "Invalid Date"
	}
	at = at.UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return fmt.Sprintf("%+07d", at.Year()) + at.Format("-01-02T15:04:05.000Z")
	}
	return at.Format("2006-01-02T15:04:05.000Z")
}

func (i *inspector) pattern(object *goja.Object) string {
	text := ""
	_ = i.realm.attempt(func() { // as in ask
		text = "/" + object.Get("source").String() + "/" + object.Get("flags").String()
	})
	return text
}

var arrayIndex = regexp.MustCompile(`^(0|[1-9]\d*)$`)

// array shows items up to a number, and holes.
func (i *inspector) array(object *goja.Object, level int) sketch {
	s := sketch{open: "[", close: "]", list: true, right: true, always: true, skip: func(name string) bool { return name == "length" || arrayIndex.MatchString(name) }}
	length := 0
	if value := i.realm.ownValue(object, "length"); value != nil {
		length = int(min(value.ToInteger(), math.MaxInt32))
	}
	if name := i.className(object, "Array"); name != "Array" {
		s.prefix = fmt.Sprintf("%s(%d) ", name, length)
	}
	holes := 0
	flush := func() {
		if holes > 0 {
			s.entries = append(s.entries, fmt.Sprintf("<%d empty item%s>", holes, plural(holes)))
			holes, s.right = 0, false
		}
	}
	at := 0
	for ; at < length && len(s.entries) < shownItems && i.left > 0; at++ {
		p, ok := i.realm.own(object, i.realm.runtime.ToValue(strconv.Itoa(at)))
		if !ok {
			if holes++; holes > 100000 { // nobody counts further
				holes += length - at - 1
				at = length
			}
			continue
		}
		flush()
		s.right = s.right && !p.accessor && (goja.IsNumber(p.value) || goja.IsBigInt(p.value))
		s.entries = append(s.entries, i.held(p, level))
	}
	flush()
	if at < length {
		s.entries, s.more = append(s.entries, fmt.Sprintf("... %d more item%s", length-at, plural(length-at))), 1
	}
	return s
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// held shows the value of a property.
func (i *inspector) held(p attribute, level int) string {
	switch {
	case p.get && p.set:
		return "[Getter/Setter]"
	case p.get:
		return "[Getter]"
	case p.accessor:
		return "[Setter]"
	}
	i.indent += 2
	text := i.value(p.value, level+1)
	i.indent -= 2
	return text
}

func (i *inspector) collection(object *goja.Object, class string, level int) sketch {
	s := sketch{open: "{", close: "}", always: true}
	var items []goja.Value
	i.ask(class, "forEach", object, i.realm.runtime.ToValue(func(c goja.FunctionCall) goja.Value {
		items = append(items, c.Argument(1), c.Argument(0))
		return goja.Undefined()
	}))
	name, tag, tagged := strings.Cut(i.className(object, class), " [")
	s.prefix = fmt.Sprintf("%s(%d) ", name, len(items)/2)
	if tagged {
		s.prefix += "[" + tag + " "
	}
	i.indent += 2
	for at := 0; at < len(items); at += 2 {
		if at/2 == shownItems || i.left <= 0 {
			left := len(items)/2 - at/2
			s.entries = append(s.entries, fmt.Sprintf("... %d more item%s", left, plural(left)))
			break
		}
		entry := i.value(items[at], level+1)
		if class == "Map" {
			entry += " => " + i.value(items[at+1], level+1)
		}
		s.entries = append(s.entries, entry)
	}
	i.indent -= 2
	return s
}

var classText = regexp.MustCompile(`^class[\s{]`)

func (i *inspector) function(object *goja.Object) string {
	name := ""
	if value := i.realm.ownValue(object, "name"); value != nil && goja.IsString(value) {
		name = value.String()
	}
	if classText.MatchString(i.source(object)) {
		label := "[class (anonymous)"
		if name != "" {
			label = "[class " + name
		}
		if parent := object.Prototype(); parent != nil && !isProxied(parent) {
			if value := i.realm.ownValue(parent, "name"); value != nil && goja.IsString(value) && value.String() != "" {
				label += " extends " + value.String()
			}
		}
		return label + "]"
	}
	kind := "Function"
	if tag := i.tag(object); tag == "AsyncFunction" || tag == "GeneratorFunction" || tag == "AsyncGeneratorFunction" {
		kind = tag
	}
	if name == "" {
		return "[" + kind + " (anonymous)]"
	}
	return "[" + kind + ": " + name + "]"
}

// failure shows an error by its stack. Lines after the first step in with what stands around.
func (i *inspector) failure(object *goja.Object) sketch {
	described := i.realm.describe(object)
	text := described.Stack
	if text == "" || !strings.Contains(text, "\n    at ") {
		text = "[" + language.Heading(described) + "]"
	}
	if i.indent > 0 {
		text = strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", i.indent))
	}
	return sketch{base: text, skip: func(name string) bool { return name == "stack" || name == "message" }}
}

func (i *inspector) boxed(object *goja.Object, class string) sketch {
	s := sketch{open: "{", close: "}"}
	text := ""
	if value := i.ask(class, "valueOf", object); value != nil {
		text = i.primitive(value, true)
	}
	if class == "String" {
		s.skip = func(name string) bool { return name == "length" || arrayIndex.MatchString(name) }
	}
	name := i.className(object, class)
	if name != class {
		class += " (" + name + ")"
	}
	s.base = "[" + class + ": " + text + "]"
	return s
}

func (i *inspector) promise(object *goja.Object, level int) sketch {
	s := sketch{prefix: i.className(object, "Promise") + " ", open: "{", close: "}"}
	promise, ok := object.Export().(*goja.Promise)
	if !ok {
		return s
	}
	i.indent += 2
	switch promise.State() {
	case goja.PromiseStatePending:
		s.entries = []string{"<pending>"}
	case goja.PromiseStateRejected:
		s.entries = []string{"<rejected> " + i.value(promise.Result(), level+1)}
	default:
		s.entries = []string{i.value(promise.Result(), level+1)}
	}
	i.indent -= 2
	return s
}

// binary shows buffers, and the numbers of typed arrays.
func (i *inspector) binary(object *goja.Object) (sketch, bool) {
	if object.ExportType() == reflect.TypeFor[goja.ArrayBuffer]() {
		buffer, ok := object.Export().(goja.ArrayBuffer)
		if !ok {
			return sketch{}, false
		}
		data := buffer.Bytes()
		return sketch{prefix: i.className(object, "ArrayBuffer") + " ", open: "{", close: "}", entries: []string{
			"[Uint8Contents]: <" + bytesShown(data) + ">", "byteLength: " + strconv.Itoa(len(data)),
		}}, true
	}
	var items reflect.Value
	switch object.ExportType() {
	case reflect.TypeFor[[]byte](), reflect.TypeFor[[]int8](), reflect.TypeFor[[]uint16](), reflect.TypeFor[[]int16](),
		reflect.TypeFor[[]uint32](), reflect.TypeFor[[]int32](), reflect.TypeFor[[]float32](), reflect.TypeFor[[]float64](),
		reflect.TypeFor[[]int64](), reflect.TypeFor[[]uint64]():
		items = reflect.ValueOf(object.Export())
	default:
		return sketch{}, false
	}
	name, _ := i.ownerName(object)
	s := sketch{
		prefix: fmt.Sprintf("%s(%d) ", name, items.Len()), open: "[", close: "]", list: true, right: true, always: true,
		skip: arrayIndex.MatchString,
	}
	if data, ok := reflect.TypeAssert[[]byte](items); ok && name == "Buffer" {
		return sketch{base: "<Buffer " + bytesShown(data) + ">", skip: s.skip}, true
	}
	for at := range min(items.Len(), shownItems) {
		text := i.realm.runtime.ToValue(items.Index(at).Interface()).String()
		if strings.HasPrefix(name, "Big") {
			text += "n"
		}
		s.entries = append(s.entries, text)
	}
	if left := items.Len() - shownItems; left > 0 {
		s.entries, s.more = append(s.entries, fmt.Sprintf("... %d more item%s", left, plural(left))), 1
	}
	return s, true
}

var plainKey = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z_0-9]*$`)

// properties adds what an object has besides what its kind is shown by.
func (i *inspector) properties(object *goja.Object, s *sketch, level int) {
	if i.extras && s.list {
		defer func() {
			if value := i.realm.ownValue(object, "length"); value != nil {
				s.entries = append(s.entries, "[length]: "+value.String())
			}
		}()
	}
	if object.ExportType() == reflect.TypeFor[*hidden]() || i.left <= 0 {
		return
	}
	class := i.realm.class(object)
	if class == "Array" && !i.hasNames(object) {
		return
	}
	for _, p := range i.realm.ownProperties(object, class == "Error") {
		if p.symbol == nil && s.skip != nil && s.skip(p.name) {
			continue
		}
		key := p.name
		switch {
		case p.symbol != nil:
			key = "[" + symbolText(p.symbol) + "]"
		case class == "Error" && !p.enumerable:
			if p.name != "cause" && p.name != "errors" {
				continue
			}
			key = "[" + p.name + "]"
		case !plainKey.MatchString(key):
			key = quotedText(key)
		}
		if i.left <= 0 {
			s.entries = append(s.entries, "…")
			return
		}
		i.left -= len(key)
		s.entries = append(s.entries, key+": "+i.held(p, level))
		// V8 sets these two of a match the other way round.
		if n := len(s.entries); s.list && p.name == "index" && n > 1 && strings.HasPrefix(s.entries[n-2], "input: ") {
			s.entries[n-1], s.entries[n-2] = s.entries[n-2], s.entries[n-1]
		}
	}
}

// hasNames spares long arrays a list of all their indices.
func (i *inspector) hasNames(object *goja.Object) bool {
	length := i.realm.ownValue(object, "length")
	return length == nil || length.ToInteger() <= 10000 || len(object.Symbols()) > 0
}

// lay puts an object into one line or several.
func (i *inspector) lay(s sketch, reference string, level int) string {
	if len(s.entries) == 0 {
		switch {
		case s.base != "":
			return reference + s.base
		case s.always || s.open != "":
			return reference + s.prefix + s.open + s.close
		}
	}
	open, closing := s.open, s.close
	if open == "" {
		open, closing = "{", "}"
	}
	open = reference + s.prefix + open
	base := s.base
	if base != "" {
		base = reference + base
		open = strings.TrimPrefix(open, reference)
		base += " "
	}
	entries := s.entries
	if s.list && len(entries) > widestShort {
		entries = i.columns(s)
	}
	if i.level-level < 3 && len(entries) == len(s.entries) {
		start := len(entries) + i.indent + len(open) + len(strings.TrimSuffix(base, " ")) + 10
		if line, ok := oneLine(entries, start); ok && !strings.Contains(base, "\n") {
			return base + open + " " + line + " " + closing
		}
	}
	step := "\n" + strings.Repeat(" ", i.indent)
	return base + open + step + "  " + strings.Join(entries, ","+step+"  ") + step + closing
}

// oneLine joins entries if they are short enough for one line.
func oneLine(entries []string, start int) (string, bool) {
	total := len(entries) + start
	for _, entry := range entries {
		if total += utf8.RuneCountInString(entry); total > lineWidth {
			return "", false
		}
	}
	line := strings.Join(entries, ", ")
	return line, !strings.Contains(line, "\n")
}

// columns sets the items of a long array as Node does.
func (i *inspector) columns(s sketch) []string {
	count := len(s.entries) - s.more
	widths, total, widest := make([]int, len(s.entries)), 0, 0
	for at, entry := range s.entries[:count] {
		widths[at] = utf8.RuneCountInString(entry)
		total += widths[at] + 2
		widest = max(widest, widths[at])
	}
	actual := widest + 2
	if actual*3+i.indent >= lineWidth || float64(total)/float64(actual) <= 5 && widest > 6 {
		return s.entries
	}
	bias := math.Sqrt(float64(actual) - float64(total)/float64(len(s.entries)))
	biased := math.Max(float64(actual)-3-bias, 1)
	number := min(
		int(math.Round(math.Sqrt(2.5*biased*float64(count))/biased)),
		(lineWidth-i.indent)/actual, 12, 15,
	)
	if number <= 1 {
		return s.entries
	}
	room := make([]int, number)
	for at := range room {
		for j := at; j < count; j += number {
			room[at] = max(room[at], widths[j])
		}
		room[at] += 2
	}
	var lines []string
	for at := 0; at < count; at += number {
		var line strings.Builder
		last := min(at+number, count) - 1
		for j := at; j < last; j++ {
			writePadded(&line, s.entries[j]+", ", room[j-at], s.right)
		}
		if s.right {
			writePadded(&line, s.entries[last], room[last-at]-2, true)
		} else {
			line.WriteString(s.entries[last])
		}
		lines = append(lines, line.String())
	}
	return append(lines, s.entries[count:]...)
}

func writePadded(out *strings.Builder, text string, width int, right bool) {
	space := strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
	if right {
		out.WriteString(space + text)
	} else {
		out.WriteString(text + space)
	}
}

// bytesShown are the first bytes of a buffer, and how many there are besides.
func bytesShown(data []byte) string {
	const shown = 50
	var hexed []string
	for _, b := range data[:min(len(data), shown)] {
		hexed = append(hexed, fmt.Sprintf("%02x", b))
	}
	if left := len(data) - shown; left > 0 {
		hexed = append(hexed, fmt.Sprintf("... %d more byte%s", left, plural(left)))
	}
	return strings.Join(hexed, " ")
}
