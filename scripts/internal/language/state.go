package language

import (
	"github.com/dop251/goja/ast"
)

// learn finds out what the pool has to know of a script.
func learn(program *ast.Program, r rendition) Traits {
	t := Traits{Mapped: r.sourceMap != ""}
	mentions := mentioned(program)
	anything := false
	for _, name := range []string{"eval", "Function", "globalThis", "global", "window", "self", "constructor"} {
		anything = anything || mentions[name]
	}
	t.Store = anything || mentions["Store"]
	t.Calls = anything || mentions["HTTP"] || mentions["fetch"] || mentions["serverFetch"]
	t.Stateless = !anything && !t.Store && isStateless(program, r.exported, r.globals)
	return t
}

// mentioned are the words that a program uses as names, as members or as whole strings.
func mentioned(program *ast.Program) map[string]bool {
	words := make(map[string]bool)
	var look func(ast.Node)
	look = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.Identifier:
			words[n.Name.String()] = true
		case *ast.DotExpression:
			words[n.Identifier.Name.String()] = true
		case *ast.PropertyShort:
			words[n.Name.Name.String()] = true
		case *ast.MethodDefinition:
			if name, _ := literalKey(n.Key); name == "constructor" { // of this class, not a way to another
				look(n.Body)
				return
			}
		case *ast.StringLiteral:
			words[n.Value.String()] = true
		}
		Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
	}
	return words
}
