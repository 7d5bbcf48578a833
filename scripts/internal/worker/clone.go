package worker

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// structuredCloneFunction makes what copies a value with all that it holds. What a script has put
// into it is only read; functions and symbols cannot be copied.
func (r *realm) structuredCloneFunction() goja.Value {
	return r.native("structuredClone", 1, func(c goja.FunctionCall) goja.Value {
		r.needs(c, "value")
		if list := option(c.Argument(1), "transfer"); list != nil && option(list, "0") != nil {
			panic(r.newDOMException("DataCloneError", "structuredClone transfers nothing here; without the option it copies"))
		}
		cloner := &cloner{realm: r, copies: make(map[*goja.Object]*goja.Object)}
		return cloner.clone(c.Argument(0))
	})
}

// cloner copies one value. What occurs in it twice is copied once.
type cloner struct {
	realm  *realm
	copies map[*goja.Object]*goja.Object
	depth  int
	kinds  *kinds
}

func (c *cloner) clone(value goja.Value) goja.Value {
	object, ok := value.(*goja.Object)
	if !ok {
		if symbol, ok := value.(*goja.Symbol); ok {
			c.refuse("Symbol(" + symbol.String() + ")")
		}
		return value
	}
	if known := c.copies[object]; known != nil {
		return known
	}
	if c.depth++; c.depth > maxNesting {
		c.realm.throw("RangeError", "", "Maximum call stack size exceeded")
	}
	defer func() { c.depth-- }()
	return c.object(object)
}

func (c *cloner) refuse(what string) {
	panic(c.realm.newDOMException("DataCloneError", language.Shorten(what, language.LongestName)+" could not be cloned."))
}

// object copies by what the object is, whatever its prototype says.
func (c *cloner) object(object *goja.Object) goja.Value {
	r := c.realm
	if _, isFunction := goja.AssertFunction(object); isFunction {
		c.refuse(object.String())
	}
	if _, isProxy := exported[goja.Proxy](object); isProxy || object.GetSymbol(state) != nil {
		c.refuse("#<" + object.ClassName() + ">")
	}
	if tag, ok := object.GetSymbol(goja.SymToStringTag).(goja.String); ok && slices.Contains(living, tag.String()) {
		c.refuse("#<" + tag.String() + ">")
	}
	switch object.ClassName() {
	case "Array":
		return c.properties(object, c.remember(object, r.runtime.NewArray()))
	case "Date":
		return c.remember(object, c.construct("Date", object.ToNumber()))
	case "RegExp":
		return c.remember(object, c.construct("RegExp", member(object, "source"), member(object, "flags")))
	case "Error":
		return c.failure(object)
	case "Boolean", "Number", "String", "BigInt":
		return c.remember(object, c.boxed(object))
	case "Symbol":
		c.refuse("Object(Symbol())")
	}
	if b, ok := exported[goja.ArrayBuffer](object); ok {
		return c.remember(object, r.arrayBuffer(slices.Clone(b.Bytes())).ToObject(r.runtime))
	}
	if r.isView(object) {
		return c.view(object)
	}
	return c.collection(object)
}

// living are the objects that are more than what they hold.
var living = []string{"Promise", "WeakMap", "WeakSet", "WeakRef", "Generator"}

func (c *cloner) remember(from, to *goja.Object) *goja.Object {
	c.copies[from] = to
	return to
}

func (c *cloner) construct(class string, arguments ...goja.Value) *goja.Object {
	made, err := c.realm.runtime.New(c.realm.builtin(class), arguments...)
	if err != nil {
		panic(err)
	}
	return made
}

// properties copies the enumerable ones of the object itself.
func (c *cloner) properties(from, to *goja.Object) *goja.Object {
	for _, name := range from.Keys() {
		define(to, name, c.clone(member(from, name)))
	}
	return to
}

// failure keeps of an error what the standard says: name, message, stack and cause.
func (c *cloner) failure(from *goja.Object) *goja.Object {
	class := "Error"
	if name := c.realm.ownText(from, "name"); slices.Contains([]string{"EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"}, name) {
		class = name
	}
	to := c.remember(from, c.construct(class, c.realm.runtime.ToValue(c.realm.ownText(from, "message"))))
	hide(to, "stack", c.realm.runtime.ToValue(c.realm.ownText(from, "stack")))
	if cause := member(from, "cause"); !goja.IsUndefined(cause) {
		hide(to, "cause", c.clone(cause))
	}
	return to
}

// boxed copies a Boolean, Number, String or BigInt object.
func (c *cloner) boxed(from *goja.Object) *goja.Object {
	class := c.realm.builtin(from.ClassName())
	valueOf := c.realm.function(member(class, "prototype").ToObject(c.realm.runtime), "valueOf")
	return must(valueOf(from)).ToObject(c.realm.runtime)
}

// view copies a typed array or DataView together with the buffer that it shows.
func (c *cloner) view(from *goja.Object) *goja.Object {
	buffer := c.clone(member(from, "buffer"))
	class := "DataView"
	arguments := []goja.Value{buffer, member(from, "byteOffset"), member(from, "byteLength")}
	if tag := from.GetSymbol(goja.SymToStringTag); tag != nil && tag.String() != class {
		class = tag.String()
		arguments[2] = member(from, "length")
	}
	return c.remember(from, c.construct(class, arguments...))
}

// kinds tell Maps and Sets from other objects, and list what they hold.
type kinds struct {
	mapSize, setSize, mapEach, setEach goja.Callable
	mapSet, setAdd                     goja.Callable
}

// collection copies a Map, a Set, or an object of no special kind.
func (c *cloner) collection(from *goja.Object) *goja.Object {
	r := c.realm
	if c.kinds == nil {
		c.kinds = r.kindsOfCollections()
	}
	if _, err := c.kinds.mapSize(from); err == nil {
		to := c.remember(from, c.construct("Map"))
		c.each(c.kinds.mapEach, from, func(key, value goja.Value) {
			must(c.kinds.mapSet(to, c.clone(key), c.clone(value)))
		})
		return to
	}
	if _, err := c.kinds.setSize(from); err == nil {
		to := c.remember(from, c.construct("Set"))
		c.each(c.kinds.setEach, from, func(_, value goja.Value) { must(c.kinds.setAdd(to, c.clone(value))) })
		return to
	}
	return c.properties(from, c.remember(from, r.runtime.NewObject()))
}

// each lists a collection before anything is done with it, for that may run a script's code.
func (c *cloner) each(forEach goja.Callable, from *goja.Object, do func(key, value goja.Value)) {
	var list [][2]goja.Value
	must(forEach(from, c.realm.runtime.ToValue(func(call goja.FunctionCall) goja.Value {
		list = append(list, [2]goja.Value{call.Argument(1), call.Argument(0)})
		return goja.Undefined()
	})))
	for _, entry := range list {
		do(entry[0], entry[1])
	}
}

func (r *realm) kindsOfCollections() *kinds {
	maps, sets := member(r.builtin("Map"), "prototype").ToObject(r.runtime), member(r.builtin("Set"), "prototype").ToObject(r.runtime)
	return &kinds{
		mapSize: r.getterOf(maps, "size"), setSize: r.getterOf(sets, "size"),
		mapEach: r.function(maps, "forEach"), setEach: r.function(sets, "forEach"),
		mapSet: r.function(maps, "set"), setAdd: r.function(sets, "add"),
	}
}

// getterOf returns the function behind a property.
func (r *realm) getterOf(object *goja.Object, name string) goja.Callable {
	describe := r.function(r.builtin("Object"), "getOwnPropertyDescriptor")
	descriptor := must(describe(goja.Undefined(), object, r.runtime.ToValue(name))).ToObject(r.runtime)
	return r.function(descriptor, "get")
}
