package worker

import (
	"reflect"
	"strconv"

	"github.com/dop251/goja"
)

// attribute is what an object has of its own under one name.
type attribute struct {
	name       string
	symbol     *goja.Symbol // instead of a name
	value      goja.Value   // undefined for an accessor
	key        goja.Value   // of an entry of a map
	get, set   bool
	accessor   bool
	enumerable bool
}

// isProxied tells an object that answers nothing without the author's code.
func isProxied(object *goja.Object) bool { return object.ExportType() == reflect.TypeFor[goja.Proxy]() }

// ownProperties lists what an object has without running a line of the author's code. Of a proxy
// that is nothing. hidden ones are those that for-in passes over.
func (r *realm) ownProperties(object *goja.Object, hidden bool) []attribute {
	if isProxied(object) {
		return nil
	}
	var list []attribute
	for _, name := range object.GetOwnPropertyNames() {
		if p, ok := r.own(object, r.runtime.ToValue(name)); ok && (hidden || p.enumerable) {
			p.name = name
			list = append(list, p)
		}
	}
	for _, symbol := range r.symbols(object, hidden) {
		if p, ok := r.own(object, symbol); ok && (hidden || p.enumerable) {
			p.symbol = symbol
			list = append(list, p)
		}
	}
	return list
}

func (r *realm) symbols(object *goja.Object, hidden bool) []*goja.Symbol {
	if !hidden {
		return object.Symbols()
	}
	list, err := r.natives.symbols(goja.Undefined(), object)
	array, ok := list.(*goja.Object)
	if err != nil || !ok {
		return nil
	}
	var symbols []*goja.Symbol
	for i := range int(array.Get("length").ToInteger()) {
		if symbol, ok := array.Get(strconv.Itoa(i)).(*goja.Symbol); ok {
			symbols = append(symbols, symbol)
		}
	}
	return symbols
}

// own describes one property.
func (r *realm) own(object *goja.Object, key goja.Value) (attribute, bool) {
	described, err := r.natives.describe(goja.Undefined(), object, key)
	descriptor, ok := described.(*goja.Object)
	if err != nil || !ok {
		return attribute{}, false
	}
	// Taken by their names, lest a property of Object.prototype shows through.
	p := attribute{value: goja.Undefined()}
	for _, name := range descriptor.GetOwnPropertyNames() {
		switch value := descriptor.Get(name); name {
		case "value":
			p.value = value
		case "enumerable":
			p.enumerable = value.ToBoolean()
		case "get":
			p.accessor, p.get = true, !goja.IsUndefined(value)
		case "set":
			p.accessor, p.set = true, !goja.IsUndefined(value)
		}
	}
	return p, true
}

// ownValue is the value of a property that is no accessor, nil where there is none.
func (r *realm) ownValue(object *goja.Object, name string) goja.Value {
	if p, ok := r.own(object, r.runtime.ToValue(name)); ok && !p.accessor {
		return p.value
	}
	return nil
}

// constructorName is that of the class of an object, as far as it can be told without asking.
func (r *realm) constructorName(object *goja.Object) string {
	for at := object; at != nil && !isProxied(at); at = at.Prototype() {
		constructor, ok := r.ownValue(at, "constructor").(*goja.Object)
		if !ok || isProxied(constructor) {
			continue
		}
		if name := r.ownValue(constructor, "name"); name != nil && goja.IsString(name) && name.String() != "" {
			return name.String()
		}
	}
	return "Object"
}
