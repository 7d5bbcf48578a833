package language

import "github.com/dop251/goja/ast"

// CaughtName is a function that no script can name: catch clauses hand it what they caught.
const CaughtName = "caught error"

// wordCatches lets every catch clause see V8's words. What the clause has is an identifier in all
// but rare cases; a pattern takes the error apart before there is a place to look at it.
func wordCatches(program *ast.Program) {
	var look func(ast.Node)
	look = func(node ast.Node) {
		Children(node, look)
		clause, ok := node.(*ast.CatchStatement)
		if !ok {
			return
		}
		name, ok := clause.Parameter.(*ast.Identifier)
		if !ok {
			return
		}
		call := &ast.CallExpression{
			Callee:       &ast.Identifier{Name: CaughtName, Idx: clause.Catch},
			ArgumentList: []ast.Expression{&ast.Identifier{Name: name.Name, Idx: clause.Catch}},
		}
		clause.Body.List = append([]ast.Statement{&ast.ExpressionStatement{Expression: call}}, clause.Body.List...)
	}
	for _, statement := range program.Body {
		look(statement)
	}
}
