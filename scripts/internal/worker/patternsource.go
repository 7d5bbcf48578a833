package worker

import (
	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// showWritten lets the regular expressions of a text show what their author wrote. Of two that are
// the same to the engine, both show the first.
func (r *realm) showWritten(list []language.WrittenPattern) {
	if len(list) == 0 {
		return
	}
	class := r.builtin("RegExp")
	prototype := class.Get("prototype").ToObject(r.runtime)
	descriptor := r.call(callable(r.builtin("Object").Get("getOwnPropertyDescriptor")), goja.Undefined(), prototype, r.runtime.ToValue("source"))
	engines := r.inner(descriptor.ToObject(r.runtime).Get("get"))
	var known map[string]string // few scripts look at a pattern, so it is filled when one does
	source := r.native("get source", 0, func(c goja.FunctionCall) goja.Value {
		shown, err := engines(c.This)
		if err != nil {
			panic(err)
		}
		if known == nil {
			known = r.shownAs(list, class, engines)
		}
		if text, ok := known[shown.String()]; ok {
			return r.runtime.ToValue(text)
		}
		return shown
	})
	_ = prototype.DefineAccessorProperty("source", source, goja.Undefined(), goja.FLAG_TRUE, goja.FLAG_FALSE) // the engine's own may be replaced
	hide(prototype, "toString", r.native("toString", 0, r.regexpText))
}

// shownAs makes each pattern once, to see how the engine shows it.
func (r *realm) shownAs(list []language.WrittenPattern, class *goja.Object, source goja.Callable) map[string]string {
	known := make(map[string]string, len(list))
	for _, w := range list {
		made, err := r.runtime.New(class, r.runtime.ToValue(w.Engine), r.runtime.ToValue(w.EngineFlags))
		if err != nil {
			panic(err)
		}
		shown, err := source(made)
		if err != nil {
			panic(err)
		}
		if _, ok := known[shown.String()]; !ok {
			known[shown.String()] = w.Text
		}
	}
	return known
}

// regexpText is the language's RegExp.prototype.toString, which asks for the source; the engine's
// has a shorter way.
func (r *realm) regexpText(c goja.FunctionCall) goja.Value {
	this, ok := c.This.(*goja.Object)
	if !ok {
		panic(r.runtime.NewTypeError("Method RegExp.prototype.toString called on incompatible receiver %s", c.This.String()))
	}
	source, flags := orUndefined(this.Get("source")), orUndefined(this.Get("flags"))
	return r.runtime.ToValue("/" + source.String() + "/" + flags.String())
}
