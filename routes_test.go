package grapnel_test

import (
	"go/ast"
	"go/token"
	"strconv"
	"testing"
)

// servedRoute is a line of the table in api/routes.go.
type servedRoute struct {
	method, path string
	schema       string
	access       ast.Expr
	serve        ast.Expr
}

// name is how people call the route: a method of the API without the version.
func (r servedRoute) name() string { return r.method + " " + r.path }

// routeTable reads the table, and the access rules that it names.
func routeTable(t *testing.T) (routes []servedRoute, rules map[string]ast.Expr) {
	t.Helper()
	rules = map[string]ast.Expr{}
	for _, f := range goFiles(t) {
		if f.path != "api/routes.go" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if define, ok := n.(*ast.AssignStmt); ok && define.Tok == token.DEFINE {
				if name, ok := define.Lhs[0].(*ast.Ident); ok {
					rules[name.Name] = define.Rhs[0]
				}
			}
			line, ok := n.(*ast.CompositeLit)
			if !ok || line.Type != nil || len(line.Elts) != 5 {
				return true
			}
			r := servedRoute{method: literal(t, line.Elts[0]), path: literal(t, line.Elts[1]), access: line.Elts[2], schema: literal(t, line.Elts[3]), serve: line.Elts[4]}
			routes = append(routes, r)
			return false
		})
	}
	if len(routes) < 90 {
		t.Fatalf("found %d routes: the test does not see the table", len(routes))
	}
	return routes, rules
}

// literal is the text of a string literal.
func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	text, ok := e.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%T is no literal: the test does not understand the table", e)
	}
	plain, err := strconv.Unquote(text.Value)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
