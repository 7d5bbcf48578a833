package scripts

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
	return l, len(*l.valuesAt(base)) == 1 && len(*l.namesAt(base)) == 1 && (*l.namesAt(base))[0] == "name"
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
	values := make(map[unistring.String]goja.Value, len(properties))
	names := make([]unistring.String, 0, len(properties))
	for i := range properties {
		p := &properties[i]
		if values[p.name] = p.value; len(values) > len(names) {
			names = append(names, p.name)
		}
	}
	inner, _ := innerOf(object)
	base := inner.UnsafePointer()
	*l.valuesAt(base), *l.namesAt(base) = values, names
}
