package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// declare takes down what the top level declares. Functions and classes can be named before they
// are declared, so they come first.
func (a *analysis) declare(program *ast.Program) {
	for _, statement := range program.Body {
		switch s := statement.(type) {
		case *ast.FunctionDeclaration:
			a.top[s.Function.Name.Name.String()] = &shape{kind: shapeFunction}
		case *ast.ClassDeclaration:
			a.top[s.Class.Name.Name.String()] = a.class(s.Class)
		}
	}
	for _, statement := range program.Body {
		switch s := statement.(type) {
		case *ast.VariableStatement:
			a.declareValues(s.List)
		case *ast.LexicalDeclaration:
			a.declareValues(s.List)
		}
	}
}

func (a *analysis) declareValues(list []*ast.Binding) {
	for _, binding := range list {
		name, ok := binding.Target.(*ast.Identifier)
		if !ok {
			a.doubt()
			return
		}
		if class, ok := binding.Initializer.(*ast.ClassLiteral); ok && class.Name != nil {
			a.instances[class.Name.Name.String()] = true
		}
		value := a.inert(binding.Initializer)
		if value == nil {
			a.doubt()
			return
		}
		a.top[name.Name.String()] = value
	}
}

// topStatement permits what happens once, when the script is loaded, and comes out the same in
// every worker.
func (a *analysis) topStatement(statement ast.Statement) {
	switch s := statement.(type) {
	case *ast.EmptyStatement:
	case *ast.FunctionDeclaration:
		a.function(s.Function, nil, nil)
	case *ast.ClassDeclaration:
		a.classBody(s.Class)
	case *ast.VariableStatement:
		a.initialValues(s.List)
	case *ast.LexicalDeclaration:
		a.initialValues(s.List)
	case *ast.ExpressionStatement:
		a.topExpression(s.Expression)
	case *ast.IfStatement: // if (!String.prototype.x) …
		a.topCondition(s.Test)
		a.topStatement(s.Consequent)
		if s.Alternate != nil {
			a.topStatement(s.Alternate)
		}
	case *ast.BlockStatement:
		for _, inner := range s.List {
			switch inner.(type) {
			case *ast.ExpressionStatement, *ast.IfStatement, *ast.EmptyStatement:
				a.topStatement(inner)
			default:
				a.doubt()
			}
		}
	default:
		a.doubt()
	}
}

// initialValues looks into the functions among them.
func (a *analysis) initialValues(list []*ast.Binding) {
	for _, binding := range list {
		a.functionsIn(binding.Initializer)
	}
}

func (a *analysis) functionsIn(node ast.Node) {
	switch n := node.(type) {
	case nil:
	case *ast.FunctionLiteral:
		a.function(n, nil, nil)
	case *ast.ArrowFunctionLiteral:
		a.arrow(n, nil)
	case *ast.ClassLiteral:
		a.classBody(n)
	case *ast.ObjectLiteral:
		a.methodsIn(n)
	default:
		if expression, ok := node.(ast.Expression); !ok || expression == nil {
			return
		}
		Children(node, a.functionsIn)
	}
}

// methodsIn looks into an object of the top level, which is this in its functions. If they are
// called on something else, it makes no difference: either outlives the call.
func (a *analysis) methodsIn(n *ast.ObjectLiteral) {
	object := a.inert(n)
	for _, property := range n.Value {
		if p, ok := property.(*ast.PropertyKeyed); ok {
			if f, ok := p.Value.(*ast.FunctionLiteral); ok {
				a.function(f, nil, object)
				continue
			}
			a.functionsIn(p.Value)
		}
	}
}

// topExpression permits directives, exports, and functions added to built-in prototypes.
func (a *analysis) topExpression(e ast.Expression) {
	switch n := e.(type) {
	case *ast.StringLiteral:
	case *ast.AssignExpression:
		switch {
		case n.Operator != token.ASSIGN:
			a.doubt()
		case isExports(n.Left):
			a.export(n.Right)
		case isPrototypeMember(n.Left) && isFunction(n.Right):
			a.extension(n.Right)
		default:
			a.doubt()
		}
	case *ast.CallExpression:
		// Object.defineProperty(String.prototype, 'x', { value: function () { … } })
		if !a.isBuiltinMember(n.Callee, "Object", "defineProperty") || len(n.ArgumentList) != 3 || !isPrototype(n.ArgumentList[0]) {
			a.doubt()
			return
		}
		a.descriptor(n.ArgumentList[2])
	default:
		a.doubt()
	}
}

func (a *analysis) descriptor(e ast.Expression) {
	object, ok := e.(*ast.ObjectLiteral)
	if !ok {
		a.doubt()
		return
	}
	for _, property := range object.Value {
		p, ok := property.(*ast.PropertyKeyed)
		switch {
		case !ok:
			a.doubt()
		case isFunction(p.Value):
			a.extension(p.Value)
		case a.inert(p.Value) != own:
			a.doubt()
		}
	}
}

func (a *analysis) export(value ast.Expression) {
	switch n := value.(type) {
	case *ast.Identifier:
		a.instances[n.Name.String()] = true
	case *ast.AssignExpression:
		a.topExpression(n)
	}
	if exported, ok := value.(*ast.AssignExpression); !ok || !isExports(exported.Left) {
		if a.inert(value) == nil {
			a.doubt()
			return
		}
	}
	a.functionsIn(value)
}

// extension is a function of a built-in prototype: its this is what it is called on.
func (a *analysis) extension(function ast.Expression) {
	outer := a.this
	a.this = own
	switch f := function.(type) {
	case *ast.FunctionLiteral:
		a.function(f, nil, own)
	case *ast.ArrowFunctionLiteral:
		a.this = nil
		a.arrow(f, nil)
	}
	a.this = outer
}

func (a *analysis) topCondition(e ast.Expression) {
	switch n := e.(type) {
	case *ast.UnaryExpression:
		if n.Operator == token.INCREMENT || n.Operator == token.DECREMENT || n.Operator == token.DELETE {
			a.doubt()
			return
		}
		a.topCondition(n.Operand)
	case *ast.BinaryExpression:
		a.topCondition(n.Left)
		a.topCondition(n.Right)
	case *ast.DotExpression:
		a.topCondition(n.Left)
	case *ast.Identifier, *ast.StringLiteral:
	default:
		a.doubt()
	}
}

// isPrototypeMember recognises String.prototype.name.
func isPrototypeMember(e ast.Expression) bool {
	member, ok := e.(*ast.DotExpression)
	return ok && isPrototype(member.Left) && !reaching.has(member.Identifier.Name.String())
}

func isPrototype(e ast.Expression) bool {
	prototype, ok := e.(*ast.DotExpression)
	if !ok || prototype.Identifier.Name != "prototype" {
		return false
	}
	class, ok := prototype.Left.(*ast.Identifier)
	return ok && extensible.has(class.Name.String())
}

var extensible = wordList("String Array Number Date Object Boolean RegExp Map Set Promise")

func (a *analysis) isBuiltinMember(e ast.Expression, object, name string) bool {
	member, ok := e.(*ast.DotExpression)
	if !ok || member.Identifier.Name.String() != name {
		return false
	}
	base, ok := member.Left.(*ast.Identifier)
	return ok && base.Name.String() == object && a.top[object] == nil
}
