package language

import (
	"maps"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// readsBeforeAssigning tells whether a function reads one of the names where it may not have
// assigned it before, in this very run. Names that are declared nowhere are used as variables of
// one function by nearly all who use them, and then nothing of them is left to the next call.
func readsBeforeAssigning(program *ast.Program, names []string) bool {
	f := &flow{names: make(map[string]bool), assigned: make(map[string]bool)}
	for _, name := range names {
		f.names[name] = true
	}
	for _, statement := range program.Body {
		f.walk(statement)
	}
	return f.early
}

// flow goes over a program in the order in which it runs.
type flow struct {
	names    map[string]bool
	assigned map[string]bool // for certain, by now
	early    bool            // one was read before
}

func (f *flow) read(name string) {
	if f.names[name] && !f.assigned[name] {
		f.early = true
	}
}

func (f *flow) assign(target ast.Expression) {
	for _, name := range TargetNames(target) {
		if f.names[name] {
			f.assigned[name] = true
		}
	}
}

// maybe walks what may not run: what it assigns is not certain afterwards. It returns what would be.
func (f *flow) maybe(walk func()) map[string]bool {
	before := maps.Clone(f.assigned)
	walk()
	after := f.assigned
	f.assigned = before
	return after
}

// either adds what both ways assign.
func (f *flow) either(one, other map[string]bool) {
	for name := range one {
		if other[name] {
			f.assigned[name] = true
		}
	}
}

func (f *flow) walkAll(nodes ...ast.Expression) {
	for _, node := range nodes {
		if node != nil {
			f.walk(node)
		}
	}
}

func (f *flow) walk(node ast.Node) {
	switch n := node.(type) {
	case *ast.Identifier:
		f.read(n.Name.String())
	case *ast.PropertyShort:
		f.read(n.Name.Name.String())
		f.walkAll(n.Initializer)
	case *ast.AssignExpression:
		f.assignment(n)
	case *ast.UnaryExpression:
		f.walk(n.Operand) // which counting reads
		if n.Operator == token.INCREMENT || n.Operator == token.DECREMENT {
			f.assign(n.Operand)
		}
	case *ast.BinaryExpression:
		f.walk(n.Left)
		if n.Operator == token.LOGICAL_AND || n.Operator == token.LOGICAL_OR || n.Operator == token.COALESCE {
			f.maybe(func() { f.walk(n.Right) })
			return
		}
		f.walk(n.Right)
	case *ast.ConditionalExpression:
		f.walk(n.Test)
		f.either(f.maybe(func() { f.walk(n.Consequent) }), f.maybe(func() { f.walk(n.Alternate) }))
	case *ast.OptionalChain:
		f.maybe(func() { f.walk(n.Expression) })
	case *ast.FunctionLiteral:
		f.function(n, n.ParameterList, n.DeclarationList)
	case *ast.ArrowFunctionLiteral:
		f.function(n, n.ParameterList, n.DeclarationList)
	case *ast.ClassLiteral:
		f.maybe(func() { Children(node, f.walk) })
	default:
		f.statement(node)
	}
}

// function walks a closure, which runs after what stands before it has run. The variables that it
// declares are its own, whatever their names.
func (f *flow) function(node ast.Node, parameters *ast.ParameterList, variables []*ast.VariableDeclaration) {
	f.maybe(func() {
		for _, parameter := range parameters.List {
			f.assign(parameter.Target)
		}
		f.assign(parameters.Rest)
		for _, declaration := range variables {
			for _, binding := range declaration.List {
				f.assign(binding.Target)
			}
		}
		Children(node, f.walk)
	})
}

func (f *flow) assignment(n *ast.AssignExpression) {
	if name, ok := n.Left.(*ast.Identifier); ok {
		if n.Operator != token.ASSIGN {
			f.read(name.Name.String())
		}
	} else {
		f.pattern(n.Left)
	}
	f.walk(n.Right)
	f.assign(n.Left)
}

// pattern walks what a target reads: objects whose members are assigned, keys and defaults.
func (f *flow) pattern(target ast.Expression) {
	switch t := target.(type) {
	case nil, *ast.Identifier:
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			switch p := property.(type) {
			case *ast.PropertyShort:
				f.walkAll(p.Initializer)
			case *ast.PropertyKeyed:
				f.walkAll(p.Key)
				f.pattern(p.Value)
			}
		}
		f.pattern(t.Rest)
	case *ast.ArrayPattern:
		for _, element := range t.Elements {
			f.pattern(element)
		}
		f.pattern(t.Rest)
	case *ast.AssignExpression:
		f.pattern(t.Left)
		f.walkAll(t.Right)
	default:
		f.walk(target)
	}
}

func (f *flow) statement(node ast.Node) {
	switch n := node.(type) {
	case *ast.IfStatement:
		f.walk(n.Test)
		consequent := f.maybe(func() { f.walk(n.Consequent) })
		if n.Alternate != nil {
			f.either(consequent, f.maybe(func() { f.walk(n.Alternate) }))
		}
	case *ast.ForStatement:
		if n.Initializer != nil {
			f.walk(n.Initializer)
		}
		f.walkAll(n.Test)
		f.maybe(func() { f.walk(n.Body); f.walkAll(n.Update) })
	case *ast.ForInStatement:
		f.loop(n.Into, n.Source, n.Body)
	case *ast.ForOfStatement:
		f.loop(n.Into, n.Source, n.Body)
	case *ast.WhileStatement:
		f.walk(n.Test)
		f.maybe(func() { f.walk(n.Body) })
	case *ast.DoWhileStatement:
		f.maybe(func() { f.walk(n.Body) })
		f.walk(n.Test)
	case *ast.TryStatement:
		try, caught := f.maybe(func() { f.walk(n.Body) }), map[string]bool(nil)
		if n.Catch != nil {
			caught = f.maybe(func() { f.walk(n.Catch.Body) })
		}
		if n.Finally != nil {
			f.walk(n.Finally)
		}
		f.either(try, caught)
	case *ast.SwitchStatement:
		f.walk(n.Discriminant)
		for _, c := range n.Body {
			f.maybe(func() { Children(c, f.walk) })
		}
	case *ast.LabelledStatement: // which a break may leave anywhere
		f.maybe(func() { f.walk(n.Statement) })
	case *ast.Binding:
		f.walkAll(n.Initializer)
		f.pattern(n.Target)
	case *ast.PropertyKeyed:
		if n.Computed {
			f.walk(n.Key)
		}
		f.walk(n.Value)
	default:
		Children(node, f.walk)
	}
}

func (f *flow) loop(into ast.ForInto, source ast.Expression, body ast.Statement) {
	f.walk(source)
	f.maybe(func() {
		if target, ok := into.(*ast.ForIntoExpression); ok {
			f.pattern(target.Expression)
			f.assign(target.Expression)
		} else {
			f.walk(into)
		}
		f.walk(body)
	})
}
