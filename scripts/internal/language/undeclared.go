package language

import (
	"slices"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// undeclared returns the names that a program assigns without declaring them anywhere around, about
// in the order of the text.
func undeclared(program *ast.Program, globals []string) []string {
	a := &Walker{Found: make(map[string]bool)}
	a.Scope = a.Inner(globals...)
	a.Body(program.Body, program.DeclarationList)
	return a.names
}

// Walker walks a program with the scopes of its names.
type Walker struct {
	Visit func(ast.Node) // looks at each node first, if it is set
	Scope *Scope
	names []string
	Found map[string]bool
}

// Scope is what is declared in a function or block.
type Scope struct {
	declared map[string]bool
	outer    *Scope
}

// Has reports whether a name is declared there or around it.
func (s *Scope) Has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.declared[name] {
			return true
		}
	}
	return false
}

// Inner returns a scope with those names inside of the present one.
func (a *Walker) Inner(names ...string) *Scope {
	s := &Scope{declared: make(map[string]bool), outer: a.Scope}
	for _, name := range names {
		s.declared[name] = true
	}
	return s
}

// within walks with a scope of its own.
func (a *Walker) within(names []string, walk func()) {
	outer := a.Scope
	a.Scope = a.Inner(names...)
	walk()
	a.Scope = outer
}

func (a *Walker) declare(targets ...ast.Expression) {
	for _, target := range targets {
		for _, name := range TargetNames(target) {
			a.Scope.declared[name] = true
		}
	}
}

func (a *Walker) assign(target ast.Expression) {
	for _, name := range TargetNames(target) {
		if !a.Found[name] && !a.Scope.Has(name) {
			a.Found[name] = true
			a.names = append(a.names, name)
		}
	}
}

// Body walks the statements of a program or function, whose variables are declared throughout.
func (a *Walker) Body(list []ast.Statement, variables []*ast.VariableDeclaration) {
	for _, declaration := range variables {
		for _, binding := range declaration.List {
			a.declare(binding.Target)
		}
	}
	a.statements(list)
}

// statements walks a block's statements, after what is declared in it.
func (a *Walker) statements(list []ast.Statement) {
	a.declareIn(list)
	for _, statement := range list {
		a.walk(statement)
	}
}

// declareIn declares what the statements themselves do.
func (a *Walker) declareIn(list []ast.Statement) {
	for _, statement := range list {
		switch s := statement.(type) {
		case *ast.LexicalDeclaration:
			a.declareAll(s.List)
		case *ast.FunctionDeclaration:
			a.declareName(s.Function.Name)
		case *ast.ClassDeclaration:
			a.declareName(s.Class.Name)
		}
	}
}

func (a *Walker) declareAll(bindings []*ast.Binding) {
	for _, binding := range bindings {
		a.declare(binding.Target)
	}
}

func (a *Walker) declareName(name *ast.Identifier) {
	if name != nil {
		a.declare(name)
	}
}

// walk looks at one node: those that assign, those that open a scope, and the parts of all others.
func (a *Walker) walk(node ast.Node) {
	if a.Visit != nil {
		a.Visit(node)
	}
	switch n := node.(type) {
	case *ast.AssignExpression:
		if n.Operator == token.ASSIGN { // the others read the name first, which is an error in any case
			a.assign(n.Left)
		}
		a.parts(n)
	case *ast.ForIntoExpression:
		a.assign(n.Expression)
		a.parts(n)
	case *ast.FunctionLiteral:
		names := []string{"arguments"}
		if n.Name != nil {
			names = append(names, n.Name.Name.String())
		}
		a.within(names, func() { a.function(n.ParameterList, n.Body, n.DeclarationList) })
	case *ast.ArrowFunctionLiteral:
		a.within(nil, func() { a.function(n.ParameterList, n.Body, n.DeclarationList) })
	case *ast.ClassLiteral:
		a.within(nil, func() { a.declareName(n.Name); a.parts(n) })
	case *ast.ClassStaticBlock:
		a.within(nil, func() { a.Body(n.Block.List, n.DeclarationList) })
	case *ast.BlockStatement:
		a.within(nil, func() { a.statements(n.List) })
	case *ast.SwitchStatement:
		a.within(nil, func() { a.cases(n) })
	case *ast.CatchStatement:
		a.within(nil, func() { a.declare(n.Parameter); a.parts(n) })
	case *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement:
		a.within(nil, func() { a.loop(n) })
	default:
		a.parts(n)
	}
}

func (a *Walker) function(parameters *ast.ParameterList, body ast.Node, variables []*ast.VariableDeclaration) {
	a.declareAll(parameters.List)
	a.declare(parameters.Rest)
	a.parts(parameters)
	if block, ok := body.(*ast.BlockStatement); ok {
		a.Body(block.List, variables)
		return
	}
	a.walk(body)
}

func (a *Walker) cases(n *ast.SwitchStatement) {
	a.walk(n.Discriminant)
	var all []ast.Statement
	for _, c := range n.Body {
		if c.Test != nil {
			a.walk(c.Test)
		}
		all = append(all, c.Consequent...)
	}
	a.statements(all)
}

func (a *Walker) loop(n ast.Node) {
	switch n := n.(type) {
	case *ast.ForStatement:
		if head, ok := n.Initializer.(*ast.ForLoopInitializerLexicalDecl); ok {
			a.declareAll(head.LexicalDeclaration.List)
		}
	case *ast.ForInStatement:
		a.declareHead(n.Into)
	case *ast.ForOfStatement:
		a.declareHead(n.Into)
	}
	a.parts(n)
}

func (a *Walker) declareHead(into ast.ForInto) {
	if head, ok := into.(*ast.ForDeclaration); ok {
		a.declare(head.Target)
	}
}

// parts walks what a node consists of.
func (a *Walker) parts(node ast.Node) { Children(node, a.walk) }

// TargetNames are the names that a declaration or assignment gives values to.
func TargetNames(target ast.Expression) []string {
	switch t := target.(type) {
	case *ast.Identifier:
		return []string{t.Name.String()}
	case *ast.AssignExpression: // with a default
		return TargetNames(t.Left)
	case *ast.Binding:
		return TargetNames(t.Target)
	case *ast.SpreadElement:
		return TargetNames(t.Expression)
	case *ast.ArrayPattern:
		var names []string
		for _, element := range append(slices.Clone(t.Elements), t.Rest) {
			names = append(names, TargetNames(element)...)
		}
		return names
	case *ast.ObjectPattern:
		var names []string
		for _, property := range t.Properties {
			names = append(names, propertyNames(property)...)
		}
		return append(names, TargetNames(t.Rest)...)
	}
	return nil
}

func propertyNames(property ast.Property) []string {
	switch p := property.(type) {
	case *ast.PropertyShort:
		return []string{p.Name.Name.String()}
	case *ast.PropertyKeyed:
		return TargetNames(p.Value)
	}
	return nil
}
