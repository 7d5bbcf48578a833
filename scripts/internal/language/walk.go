package language

import (
	"reflect"

	"github.com/dop251/goja/ast"
)

// Children visits what a node directly consists of, about in the order of the text. The kinds that
// make up nearly all of a script are named, the others are found by reflection: the engine's tree
// Has some seventy, and one that were forgotten here would go unnoticed.
func Children(node ast.Node, visit func(ast.Node)) {
	switch n := node.(type) {
	case nil, *ast.Identifier, *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral,
		*ast.RegExpLiteral, *ast.ThisExpression, *ast.BranchStatement, *ast.EmptyStatement:
	case *ast.ExpressionStatement:
		visitSome(visit, n.Expression)
	case *ast.DotExpression:
		visitSome(visit, n.Left)
	case *ast.BracketExpression:
		visitSome(visit, n.Left, n.Member)
	case *ast.CallExpression:
		visitSome(visit, n.Callee)
		visitSome(visit, n.ArgumentList...)
	case *ast.AssignExpression:
		visitSome(visit, n.Left, n.Right)
	case *ast.BinaryExpression:
		visitSome(visit, n.Left, n.Right)
	case *ast.ConditionalExpression:
		visitSome(visit, n.Test, n.Consequent, n.Alternate)
	case *ast.UnaryExpression:
		visitSome(visit, n.Operand)
	case *ast.PropertyKeyed:
		visitSome(visit, n.Key, n.Value)
	case *ast.TemplateLiteral:
		visitSome(visit, n.Tag)
		visitSome(visit, n.Expressions...)
	case *ast.ArrayLiteral:
		visitSome(visit, n.Value...)
	case *ast.BlockStatement:
		for _, statement := range n.List {
			visit(statement)
		}
	default:
		eachField(reflect.ValueOf(node), visit)
	}
}

func visitSome(visit func(ast.Node), nodes ...ast.Expression) {
	for _, node := range nodes {
		if node != nil {
			visit(node)
		}
	}
}

func eachField(v reflect.Value, visit func(ast.Node)) {
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return
	}
	for _, field := range v.Elem().Fields() {
		part(field, visit)
	}
}

func part(v reflect.Value, visit func(ast.Node)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if node, ok := reflect.TypeAssert[ast.Node](v); ok && !v.IsNil() {
			visit(node)
		}
	case reflect.Slice:
		// The list of declared variables repeats what stands in the body.
		if v.Type() != reflect.TypeFor[[]*ast.VariableDeclaration]() {
			for i := range v.Len() {
				part(v.Index(i), visit)
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			part(field, visit)
		}
	default: // a name or a number
	}
}
