package worker

import (
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	thirdparty "github.com/grapnel-chat/grapnel/third_party"
)

// The libraries are parsed once in a process, when a script first asks for one.
var (
	lodash = sync.OnceValue(func() *goja.Program { return module("lodash", thirdparty.Lodash) })
	moment = sync.OnceValue(func() *goja.Program { return module("moment", thirdparty.Moment) })
)

// module makes a program of a CommonJS module: a function that fills module.exports. That of a
// variable named define or require in the author's code must not mislead it.
func module(name, text string) *goja.Program {
	text = "(function (module, exports, require, define) {" + text + "\n})"
	parsed, err := parser.ParseFile(nil, name, text, 0, parser.WithDisableSourceMaps)
	if err != nil {
		panic(err) // the file is pinned, and a test loads it
	}
	program, err := goja.CompileAST(parsed, false)
	if err != nil {
		panic(err)
	}
	return program
}

// library runs a module and returns what it exports.
func (r *realm) library(program *goja.Program) goja.Value {
	body, err := r.runtime.RunProgram(program)
	if err != nil {
		panic(err)
	}
	loaded, exports := r.runtime.NewObject(), r.runtime.NewObject()
	define(loaded, "exports", exports)
	must(callable(body)(exports, loaded, exports))
	return member(loaded, "exports")
}
