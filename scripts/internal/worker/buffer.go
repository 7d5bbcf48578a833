package worker

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/dop251/goja"
)

// bufferClass is Node's Buffer as far as scripts need it: to turn text into bytes and back. As in
// Node it is a Uint8Array.
func (r *realm) bufferClass() goja.Value { return r.buffers().constructor }

func (r *realm) buffers() class { return r.classNamed("Buffer", r.newBufferClass) }

// buffer makes a Buffer of bytes, which are its own from then on.
func (r *realm) buffer(b []byte) *goja.Object {
	array := r.uint8Array(b)
	if err := array.SetPrototype(r.buffers().prototype); err != nil {
		panic(err)
	}
	return array
}

func (r *realm) newBufferClass() class {
	c := class{realm: r, name: "Buffer", constructor: r.runtime.ToValue(func(call goja.ConstructorCall) *goja.Object {
		if goja.IsNumber(call.Argument(0)) {
			return r.buffer(make([]byte, r.sizeArgument(call.Argument(0))))
		}
		return r.bufferFrom(call.Argument(0), call.Argument(1), call.Argument(2))
	}).ToObject(r.runtime)}
	r.label(c.constructor, "Buffer", 2)
	c.prototype = c.constructor.Get("prototype").ToObject(r.runtime)
	array := r.builtin("Uint8Array")
	for object, prototype := range map[*goja.Object]*goja.Object{c.constructor: array, c.prototype: member(array, "prototype").ToObject(r.runtime)} {
		if err := object.SetPrototype(prototype); err != nil {
			panic(err)
		}
	}
	r.bufferStatics(c)
	r.bufferMethods(c)
	return c
}

func (r *realm) bufferStatics(c class) {
	c.static("from", 3, func(call goja.FunctionCall) goja.Value {
		return r.bufferFrom(call.Argument(0), call.Argument(1), call.Argument(2))
	})
	c.static("alloc", 3, func(call goja.FunctionCall) goja.Value {
		b := make([]byte, r.sizeArgument(call.Argument(0)))
		if fill := call.Argument(1); !isNothing(fill) {
			r.fillWith(b, fill, call.Argument(2))
		}
		return r.buffer(b)
	})
	c.static("allocUnsafe", 1, func(call goja.FunctionCall) goja.Value {
		return r.buffer(make([]byte, r.sizeArgument(call.Argument(0))))
	})
	c.static("byteLength", 2, func(call goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(len(r.bytesArgument("string", call.Argument(0), call.Argument(1))))
	})
	c.static("isBuffer", 1, func(call goja.FunctionCall) goja.Value {
		_, ok := r.bufferBytes(call.Argument(0))
		return r.runtime.ToValue(ok)
	})
	c.static("isEncoding", 1, func(call goja.FunctionCall) goja.Value {
		name := call.Argument(0)
		_, ok := findEncoding(name)
		return r.runtime.ToValue(ok && goja.IsString(name) && name.String() != "")
	})
	c.static("compare", 2, func(call goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(bytes.Compare(r.arrayArgument("buf1", call.Argument(0)), r.arrayArgument("buf2", call.Argument(1))))
	})
	c.static("concat", 2, func(call goja.FunctionCall) goja.Value { return r.concat(call) })
}

func (r *realm) bufferMethods(c class) {
	of := func(this goja.Value) []byte {
		b, ok := r.bytesOf(this)
		if !ok {
			panic(r.runtime.NewTypeError("Illegal invocation: the receiver is no Buffer"))
		}
		return b
	}
	hidden := func(name string, parameters int, f func(goja.FunctionCall) goja.Value) {
		hide(c.prototype, name, r.native(name, parameters, f))
	}
	hidden("toString", 3, func(call goja.FunctionCall) goja.Value {
		part := sliceOf(of(call.This), call.Argument(1), call.Argument(2))
		r.bounded(int64(len(part)) * 2)
		return r.encodingOf(call.Argument(0)).decode(part)
	})
	hidden("toJSON", 0, func(call goja.FunctionCall) goja.Value {
		b := of(call.This)
		items := make([]any, len(b))
		for i, c := range b {
			items[i] = c
		}
		result := r.runtime.NewObject()
		define(result, "type", r.runtime.ToValue("Buffer"))
		define(result, "data", r.runtime.NewArray(items...))
		return result
	})
	hidden("equals", 1, func(call goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(bytes.Equal(of(call.This), r.arrayArgument("otherBuffer", call.Argument(0))))
	})
	hidden("compare", 1, func(call goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(bytes.Compare(of(call.This), r.arrayArgument("target", call.Argument(0))))
	})
	hidden("write", 4, func(call goja.FunctionCall) goja.Value {
		name, into := call.Argument(len(call.Arguments)-1), of(call.This)
		if len(call.Arguments) < 2 || !goja.IsString(name) {
			name = nil
		}
		if offset := call.Argument(1); goja.IsNumber(offset) {
			into = sliceOf(into, offset, nil)
		}
		if most := call.Argument(2); goja.IsNumber(most) {
			into = sliceOf(into, nil, most)
		}
		return r.runtime.ToValue(copy(into, r.encodingOf(name).encode(r.textArgument("string", call.Argument(0)))))
	})
	for _, name := range []string{"slice", "subarray"} {
		hidden(name, 2, func(call goja.FunctionCall) goja.Value { return r.part(call) })
	}
}

// bufferFrom is Buffer.from for text, bytes, and lists of numbers.
func (r *realm) bufferFrom(value, second, third goja.Value) *goja.Object {
	if goja.IsString(value) {
		return r.buffer(r.encodingOf(second).encode(value.String()))
	}
	object, ok := value.(*goja.Object)
	if !ok {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array "+
			"or an Array-like Object. Received %s", r.received(value))
	}
	if _, ok := exported[goja.ArrayBuffer](object); ok {
		return r.view(object, second, third)
	}
	if b, ok := r.bytesOf(object); ok {
		return r.buffer(slices.Clone(b))
	}
	if kind := member(object, "type"); goja.IsString(kind) && kind.String() == "Buffer" {
		if data, ok := member(object, "data").(*goja.Object); ok {
			object = data
		}
	}
	size := member(object, "length")
	if goja.IsUndefined(size) {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array "+
			"or an Array-like Object. Received %s", r.received(value))
	}
	return r.buffer(r.numbers(object, size))
}

// numbers reads a list of numbers as bytes.
func (r *realm) numbers(list *goja.Object, size goja.Value) []byte {
	n := r.bounded(size.ToInteger())
	if n == 0 {
		return nil
	}
	array, err := r.runtime.New(r.builtin("Uint8Array"), list)
	if err != nil {
		panic(err)
	}
	b, _ := exported[[]byte](array)
	return b
}

// view makes a Buffer that shares an ArrayBuffer's bytes.
func (r *realm) view(buffer *goja.Object, offset, size goja.Value) *goja.Object {
	arguments := []goja.Value{buffer}
	if !isNothing(offset) {
		arguments = append(arguments, offset)
		if !isNothing(size) {
			arguments = append(arguments, size)
		}
	}
	array, err := r.runtime.New(r.builtin("Uint8Array"), arguments...)
	if err != nil {
		panic(err)
	}
	if err := array.SetPrototype(r.buffers().prototype); err != nil {
		panic(err)
	}
	return array
}

// part is what slice and subarray return: a Buffer of the same bytes.
func (r *realm) part(call goja.FunctionCall) goja.Value {
	this, ok := call.This.(*goja.Object)
	b, isArray := r.bytesOf(call.This)
	if !ok || !isArray {
		panic(r.runtime.NewTypeError("Illegal invocation: the receiver is no Buffer"))
	}
	from, to := rangeOf(len(b), call.Argument(0), call.Argument(1), true)
	start := member(this, "byteOffset").ToInteger() + int64(from)
	return r.view(member(this, "buffer").ToObject(r.runtime), r.runtime.ToValue(start), r.runtime.ToValue(to-from))
}

func (r *realm) concat(call goja.FunctionCall) goja.Value {
	list, ok := call.Argument(0).(*goja.Object)
	if !ok {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "list" argument must be an instance of Array. Received %s`, r.received(call.Argument(0)))
	}
	var all []byte
	for i := range r.bounded(member(list, "length").ToInteger()) {
		b := r.arrayArgument("list["+strconv.Itoa(i)+"]", member(list, strconv.Itoa(i)))
		r.bounded(int64(len(all) + len(b)))
		all = append(all, b...)
	}
	if total := call.Argument(1); !goja.IsUndefined(total) {
		size := r.sizeArgument(total)
		all = append(all, make([]byte, max(size-len(all), 0))...)[:size]
	}
	return r.buffer(all)
}

// fillWith repeats a text, bytes or a number until b is full.
func (r *realm) fillWith(b []byte, fill, encodingName goja.Value) {
	with := []byte{byte(fill.ToInteger())} //nolint:gosec // the low byte, says Node
	if _, isObject := fill.(*goja.Object); isObject || goja.IsString(fill) {
		with = r.bytesArgument("value", fill, encodingName)
	}
	for i := 0; i < len(b) && len(with) > 0; {
		i += copy(b[i:], with)
	}
}

// bufferBytes returns the bytes of a Buffer, of nothing else.
func (r *realm) bufferBytes(value goja.Value) ([]byte, bool) {
	b, ok := exported[[]byte](value)
	return b, ok && r.runtime.InstanceOf(value, r.buffers().constructor)
}

// arrayArgument takes bytes only.
func (r *realm) arrayArgument(name string, value goja.Value) []byte {
	b, ok := r.bytesOf(value)
	if !ok {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "%s" argument must be an instance of Buffer or Uint8Array. Received %s`, name, r.received(value))
	}
	return b
}

func (r *realm) sizeArgument(value goja.Value) int {
	if !goja.IsNumber(value) {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "size" argument must be of type number. Received %s`, r.received(value))
	}
	if n := value.ToFloat(); !(n >= 0) { // NaN is refused, too
		r.throw("RangeError", "ERR_OUT_OF_RANGE", `The value of "size" is out of range. It must be >= 0 && <= %d. Received %s`, r.limits.Memory/8, value)
	}
	return r.bounded(value.ToInteger())
}

// sliceOf returns a part of b; places outside of it are its ends.
func sliceOf(b []byte, from, to goja.Value) []byte {
	start, end := rangeOf(len(b), from, to, false)
	return b[start:end]
}

// rangeOf reads two places in what has that size. From the end counts what is negative, if it may be.
func rangeOf(size int, from, to goja.Value, negative bool) (start, end int) {
	place := func(value goja.Value, otherwise int) int {
		if isNothing(value) {
			return otherwise
		}
		n := value.ToInteger()
		if n < 0 && negative {
			n += int64(size)
		}
		return int(min(max(n, 0), int64(size)))
	}
	start, end = place(from, 0), place(to, size)
	return start, max(start, end)
}
