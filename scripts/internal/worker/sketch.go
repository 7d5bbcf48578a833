package worker

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

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
