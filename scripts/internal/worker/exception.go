package worker

import "github.com/dop251/goja"

// exceptionCodes are the numbers that old code compares.
var exceptionCodes = map[string]int{
	"InvalidCharacterError": 5, "NotSupportedError": 9, "InvalidStateError": 11, "SyntaxError": 12, "InvalidAccessError": 15,
	"AbortError": 20, "QuotaExceededError": 22, "TimeoutError": 23, "DataCloneError": 25,
}

// domExceptionClass is the class of what the Web's functions throw: an Error with a name of its own.
func (r *realm) domExceptionClass() goja.Value { return r.domExceptions().constructor }

func (r *realm) domExceptions() class {
	return r.classNamed("DOMException", func() class {
		var c class
		c = class{realm: r, name: "DOMException", constructor: r.runtime.ToValue(func(call goja.ConstructorCall) *goja.Object {
			name := "Error"
			if given := call.Argument(1); !goja.IsUndefined(given) {
				if named := option(given, "name"); named != nil {
					given = named
				}
				name = given.String()
			}
			message := ""
			if given := call.Argument(0); !goja.IsUndefined(given) {
				message = given.String()
			}
			return r.exceptionOf(c, name, message)
		}).ToObject(r.runtime)}
		r.label(c.constructor, "DOMException", 0)
		c.prototype = c.constructor.Get("prototype").ToObject(r.runtime)
		if err := c.prototype.SetPrototype(member(r.builtin("Error"), "prototype").ToObject(r.runtime)); err != nil {
			panic(err)
		}
		r.tag(c.prototype, c.name)
		return c
	})
}

// newDOMException makes one of that name.
func (r *realm) newDOMException(name, message string) *goja.Object {
	return r.exceptionOf(r.domExceptions(), name, message)
}

func (r *realm) exceptionOf(c class, name, message string) *goja.Object {
	exception := r.newError("Error", message)
	if err := exception.SetPrototype(c.prototype); err != nil {
		panic(err)
	}
	hide(exception, "name", r.runtime.ToValue(name))
	hide(exception, "code", r.runtime.ToValue(exceptionCodes[name]))
	return exception
}
