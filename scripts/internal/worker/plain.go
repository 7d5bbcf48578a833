package worker

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// layout is where the engine keeps the properties of a plain object. To set them one by one makes
// the map grow in steps, each property after a look-up and behind a recover of its own; that is
// half of what it costs to build a request. The engine has no way to hand over many at once, so
// they are put where it would have put them.
type layout struct {
	object        reflect.Type // of the struct behind an Object
	values, names uintptr      // offsets in it
	property      reflect.Type // of a value that is no plain one: a getter, or not enumerable
}

// plainLayout looks at an object that the engine has made. ok is false where its parts have not the
// names and types that are known here: then properties are set one by one.
var plainLayout = sync.OnceValues(func() (l layout, ok bool) {
	runtime := goja.New()
	object := runtime.CreateObject(nil)
	if err := object.Set("name", "value"); err != nil {
		return layout{}, false
	}
	inner, ok := innerOf(object)
	if !ok || inner.Type().Elem().Kind() != reflect.Struct {
		return layout{}, false
	}
	l.object = inner.Type().Elem()
	values, hasValues := l.object.FieldByName("values")
	names, hasNames := l.object.FieldByName("propNames")
	l.values, l.names = values.Offset, names.Offset
	if !hasValues || values.Type != reflect.TypeFor[map[unistring.String]goja.Value]() ||
		!hasNames || names.Type != reflect.TypeFor[[]unistring.String]() {
		return layout{}, false
	}
	base := inner.UnsafePointer()
	if len(*l.valuesAt(base)) != 1 || len(*l.namesAt(base)) != 1 || (*l.namesAt(base))[0] != "name" {
		return layout{}, false
	}
	err := object.DefineDataProperty("hidden", runtime.ToValue(1), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	l.property = reflect.TypeOf((*l.valuesAt(base))["hidden"])
	return l, err == nil && l.property != nil && l.property.Kind() == reflect.Pointer
})

// innerOf is the pointer that an Object holds to its implementation.
func innerOf(object *goja.Object) (reflect.Value, bool) {
	inner := reflect.ValueOf(object).Elem().Field(0)
	if inner.Kind() != reflect.Interface || inner.Elem().Kind() != reflect.Pointer {
		return reflect.Value{}, false
	}
	return inner.Elem(), true
}

// The two look where plainLayout has found values of their type.

func (l layout) valuesAt(base unsafe.Pointer) *map[unistring.String]goja.Value {
	return (*map[unistring.String]goja.Value)(unsafe.Add(base, l.values))
}

func (l layout) namesAt(base unsafe.Pointer) *[]unistring.String {
	return (*[]unistring.String)(unsafe.Add(base, l.names))
}

// property is one of an object that is yet to be made.
type property struct {
	name  unistring.String
	value goja.Value
}

// fill gives a new, empty object its properties; of names that come twice the last value counts, in
// the first one's place.
func (l layout) fill(object *goja.Object, properties []property) {
	inner, _ := innerOf(object)
	base := inner.UnsafePointer()
	values := *l.valuesAt(base)
	if len(properties) > smallMap {
		values = make(map[unistring.String]goja.Value, len(properties))
	}
	names := make([]unistring.String, 0, len(properties))
	for i := range properties {
		p := &properties[i]
		if values[p.name] = p.value; len(values) > len(names) {
			names = append(names, p.name)
		}
	}
	*l.valuesAt(base), *l.namesAt(base) = values, names
}

// A map of Go's holds so many without having to grow.
const smallMap = 8

// holds says whether an object is a plain one, by what the engine keeps it in.
func (l layout) holds(object *goja.Object) bool {
	inner, ok := innerOf(object)
	return ok && inner.Type().Elem() == l.object
}

// members returns the values of a plain object, and adds their names in order. ok is false where that
// takes more: getters, names that come first because they are numbers, names that Go's text may not
// tell.
func (l layout) members(object *goja.Object, names []unistring.String) (values map[unistring.String]goja.Value, all []unistring.String, ok bool) {
	inner, _ := innerOf(object)
	base := inner.UnsafePointer()
	values, all = *l.valuesAt(base), append(names, *l.namesAt(base)...)
	for _, name := range all[len(names):] {
		if name != "" && isDigit(name[0]) || name.AsUtf16() != nil || l.isSpecial(values[name]) {
			return nil, names, false
		}
	}
	return values, all, true
}

// isSpecial says whether what the engine keeps is more than a value.
func (l layout) isSpecial(value goja.Value) bool {
	return value == nil || reflect.TypeOf(value) == l.property
}
