package scripts

import "github.com/dop251/goja/ast"

// learn finds out what the pool has to know of a script.
func learn(program *ast.Program, r rendition) traits {
	return traits{mapped: r.sourceMap != ""}
}
