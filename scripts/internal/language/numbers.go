package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// numbers are the names of variables that hold nothing but numbers, wherever they are declared:
// such as count in loops.
func numbers(program *ast.Program) map[string]bool {
	good, bad := make(map[string]bool), make(map[string]bool)
	give := func(target ast.Expression, ok bool) {
		for _, name := range TargetNames(target) {
			good[name] = true
			if _, plain := target.(*ast.Identifier); !plain || !ok {
				bad[name] = true
			}
		}
	}
	parameters := func(list *ast.ParameterList) {
		for _, parameter := range list.List {
			give(parameter.Target, false)
		}
		give(list.Rest, false)
	}
	var look func(ast.Node)
	look = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.FunctionLiteral:
			parameters(n.ParameterList)
			if n.Name != nil {
				give(n.Name, false)
			}
		case *ast.ArrowFunctionLiteral:
			parameters(n.ParameterList)
		case *ast.ClassLiteral:
			if n.Name != nil {
				give(n.Name, false)
			}
		case *ast.Binding:
			give(n.Target, n.Initializer == nil || isNumber(n.Initializer))
		case *ast.AssignExpression:
			give(n.Left, isNumber(n.Right) && (n.Operator == token.ASSIGN || n.Operator == token.PLUS || n.Operator == token.MINUS))
		case *ast.ForIntoExpression:
			give(n.Expression, false)
		case *ast.ForIntoVar:
			give(n.Binding.Target, false)
		case *ast.ForDeclaration:
			give(n.Target, false)
		case *ast.CatchStatement:
			give(n.Parameter, false)
		}
		Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
	}
	for name := range bad {
		delete(good, name)
	}
	return good
}

func isNumber(e ast.Expression) bool {
	switch n := e.(type) {
	case *ast.NumberLiteral:
		return true
	case *ast.UnaryExpression:
		return n.Operator == token.MINUS || n.Operator == token.PLUS
	case *ast.BinaryExpression:
		return n.Operator == token.MINUS || n.Operator == token.MULTIPLY || n.Operator == token.SLASH || n.Operator == token.REMAINDER
	}
	return false
}

// isIndex tells whether a key is surely a number, given the variables that are.
func isIndex(key ast.Expression, numbers map[string]bool) bool {
	switch k := key.(type) {
	case *ast.Identifier:
		return numbers[k.Name.String()]
	case *ast.BinaryExpression:
		return isNumber(k) || k.Operator == token.PLUS && isAddend(k.Left, numbers) && isAddend(k.Right, numbers)
	case *ast.UnaryExpression:
		return k.Operator == token.INCREMENT || k.Operator == token.DECREMENT || k.Operator == token.PLUS || k.Operator == token.MINUS
	}
	return false
}

func isAddend(e ast.Expression, numbers map[string]bool) bool {
	_, isLiteral := e.(*ast.NumberLiteral)
	return isLiteral || isIndex(e, numbers)
}
