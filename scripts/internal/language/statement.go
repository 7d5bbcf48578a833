package language

import (
	"github.com/dop251/goja/ast"
)

// function looks into a function that gets what belongs to the call. Its this is known, or nil.
func (a *analysis) function(f *ast.FunctionLiteral, parameters []*shape, this *shape) {
	a.withThis(this, func() {
		a.body(f, f.ParameterList, f.Body, parameters)
	})
}

func (a *analysis) arrow(f *ast.ArrowFunctionLiteral, parameters []*shape) {
	a.body(f, f.ParameterList, f.Body, parameters)
}

func (a *analysis) body(node ast.Node, list *ast.ParameterList, body ast.Node, parameters []*shape) {
	a.within(node, func() {
		if f, ok := node.(*ast.FunctionLiteral); ok && f.Name != nil && a.scope.outer != nil {
			a.bind(f.Name.Name.String(), own)
		}
		if _, ok := node.(*ast.FunctionLiteral); ok {
			a.bind("arguments", doubtful)
			if len(parameters) > 0 && a.mentions["arguments"] {
				a.doubt()
			}
		}
		for i, parameter := range list.List {
			value := parameterShape
			if i < len(parameters) {
				value = parameters[i]
			}
			if parameter.Initializer != nil {
				value = join(value, a.use(parameter.Initializer))
			}
			a.bindTarget(parameter.Target, value)
		}
		if list.Rest != nil {
			for _, parameter := range parameters[min(len(list.List), len(parameters)):] {
				if parameter.outlives() {
					a.doubt()
				}
			}
			a.bindTarget(list.Rest, own)
		}
		switch b := body.(type) {
		case *ast.BlockStatement:
			a.hoist(node)
			a.statements(b.List)
		case *ast.ExpressionBody:
			a.use(b.Expression)
		}
	})
}

// hoist declares a function's variables, which are known throughout.
func (a *analysis) hoist(node ast.Node) {
	var lists []*ast.VariableDeclaration
	switch f := node.(type) {
	case *ast.FunctionLiteral:
		lists = f.DeclarationList
	case *ast.ArrowFunctionLiteral:
		lists = f.DeclarationList
	}
	for _, list := range lists {
		for _, binding := range list.List {
			a.declareLocal(TargetNames(binding.Target)...)
		}
	}
}

// statements walks a block's, after declaring what is declared in it.
func (a *analysis) statements(list []ast.Statement) {
	for _, statement := range list {
		switch s := statement.(type) {
		case *ast.FunctionDeclaration:
			a.bind(s.Function.Name.Name.String(), own)
		case *ast.ClassDeclaration:
			a.bind(s.Class.Name.Name.String(), own)
		case *ast.LexicalDeclaration:
			for _, binding := range s.List {
				a.declareLocal(TargetNames(binding.Target)...)
			}
		}
	}
	for _, statement := range list {
		a.statement(statement)
	}
}

func (a *analysis) statement(statement ast.Statement) {
	switch s := statement.(type) {
	case nil, *ast.EmptyStatement, *ast.BranchStatement, *ast.DebuggerStatement:
	case *ast.ExpressionStatement:
		a.value(s.Expression)
	case *ast.VariableStatement:
		a.bindings(s.List)
	case *ast.LexicalDeclaration:
		a.bindings(s.List)
	case *ast.FunctionDeclaration:
		a.nested(s.Function)
	case *ast.ClassDeclaration:
		a.classBody(s.Class)
	case *ast.BlockStatement:
		a.within(s, func() { a.statements(s.List) })
	case *ast.IfStatement:
		a.value(s.Test)
		a.statement(s.Consequent)
		a.statement(s.Alternate)
	case *ast.ReturnStatement:
		a.use(s.Argument)
	case *ast.ThrowStatement:
		a.use(s.Argument)
	case *ast.WhileStatement:
		a.value(s.Test)
		a.statement(s.Body)
	case *ast.DoWhileStatement:
		a.statement(s.Body)
		a.value(s.Test)
	case *ast.ForStatement:
		a.within(s, func() { a.forStatement(s) })
	case *ast.ForInStatement:
		a.within(s, func() { a.value(s.Source); a.into(s.Into, own); a.statement(s.Body) })
	case *ast.ForOfStatement:
		a.within(s, func() { a.into(s.Into, a.value(s.Source).element()); a.statement(s.Body) })
	case *ast.LabelledStatement:
		a.statement(s.Statement)
	case *ast.SwitchStatement:
		a.within(s, func() { a.switchStatement(s) })
	case *ast.TryStatement:
		a.statement(s.Body)
		if s.Catch != nil {
			a.within(s.Catch, func() { a.bindTarget(s.Catch.Parameter, own); a.statement(s.Catch.Body) })
		}
		if s.Finally != nil {
			a.statement(s.Finally)
		}
	default: // with
		a.doubt()
	}
}

func (a *analysis) forStatement(s *ast.ForStatement) {
	switch initial := s.Initializer.(type) {
	case *ast.ForLoopInitializerExpression:
		a.value(initial.Expression)
	case *ast.ForLoopInitializerVarDeclList:
		a.bindings(initial.List)
	case *ast.ForLoopInitializerLexicalDecl:
		for _, binding := range initial.LexicalDeclaration.List {
			a.declareLocal(TargetNames(binding.Target)...)
		}
		a.bindings(initial.LexicalDeclaration.List)
	}
	a.value(s.Test)
	a.value(s.Update)
	a.statement(s.Body)
}

func (a *analysis) switchStatement(s *ast.SwitchStatement) {
	a.value(s.Discriminant)
	var all []ast.Statement
	for _, c := range s.Body {
		a.value(c.Test)
		all = append(all, c.Consequent...)
	}
	a.statements(all)
}
