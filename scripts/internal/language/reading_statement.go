package language

import (
	"github.com/dop251/goja/ast"

	"github.com/grapnel-chat/grapnel/integrations"
)

// walked looks into a function. Only in an arrow function this is what it is around.
func (r *reading) walked(node ast.Node) *function {
	_, isArrow := node.(*ast.ArrowFunctionLiteral)
	return r.into(node, isArrow && r.instance)
}

func (r *reading) into(node ast.Node, instance bool) *function {
	f := r.functionOf(node)
	f.instance, f.walked = instance, true
	outer, outerInstance := r.function, r.instance
	r.function, r.instance = f, instance
	for _, parameter := range f.list.List {
		if parameter.Initializer != nil {
			r.assign(parameter.Target, r.value(parameter.Initializer))
		}
	}
	switch n := node.(type) {
	case *ast.FunctionLiteral:
		r.statement(n.Body)
	case *ast.ArrowFunctionLiteral:
		switch body := n.Body.(type) {
		case *ast.ExpressionBody:
			r.returns(r.value(body.Expression))
		case *ast.BlockStatement:
			r.statement(body)
		}
	}
	r.function, r.instance = outer, outerInstance
	if f.escapes {
		r.parameters(f, nil)
		r.escape(f.gives)
	}
	return f
}

func (r *reading) returns(value held) {
	if r.function.gives.add(value) {
		r.grown = true
	}
}

// calledByOthers are methods that the server calls, or the language itself.
const calledByOthers wordList = "process_incoming_request prepare_outgoing_request process_outgoing_response constructor toString valueOf toJSON then"

func (r *reading) class(n *ast.ClassLiteral) {
	if n.SuperClass != nil {
		base, ok := n.SuperClass.(*ast.Identifier)
		if !ok || r.names[base.Name.String()] == nil || !r.names[base.Name.String()].class {
			r.lose()
			return
		}
	}
	if n.Name != nil && r.named(n.Name.Name.String()).bound {
		r.lose()
	}
	instance := r.instance
	r.instance = true
	for _, element := range n.Body {
		switch e := element.(type) {
		case *ast.MethodDefinition:
			r.method(e)
		case *ast.FieldDefinition:
			r.field(e)
		case *ast.ClassStaticBlock:
			r.instance = false
			r.statements(e.Block.List)
			r.instance = true
		default:
			r.lose()
		}
	}
	r.instance = instance
}

func (r *reading) method(m *ast.MethodDefinition) {
	f := r.into(m.Body, !m.Static)
	name, ok := literalKey(m.Key)
	switch isMethod := m.Kind == ast.PropertyKindMethod && !m.Static; {
	case !ok:
		r.value(m.Key)
		r.set(&f.escapes)
	case !isMethod:
		r.defined(name)
		r.set(&f.escapes)
	default:
		r.begins(name, f)
	}
}

// begins is for the methods with which others begin.
func (r *reading) begins(name string, f *function) {
	if !calledByOthers.has(name) {
		return
	}
	if r.set(&f.escapes); name == string(integrations.ProcessIncomingRequest) {
		r.parameters(f, []held{{parts: map[*Reads]bool{r.root: true}}})
	}
}

func (r *reading) field(f *ast.FieldDefinition) {
	name, ok := literalKey(f.Key)
	if !ok {
		r.value(f.Key)
	}
	if ok && !f.Static && isFunction(f.Initializer) {
		r.begins(name, r.walked(f.Initializer))
		return
	}
	if ok {
		r.defined(name)
	}
	r.instance = !f.Static
	r.escape(r.value(f.Initializer))
	r.instance = true
}

func (r *reading) statements(list []ast.Statement) {
	for _, statement := range list {
		r.statement(statement)
	}
}

func (r *reading) statement(statement ast.Statement) {
	if r.lost {
		return
	}
	switch s := statement.(type) {
	case nil, *ast.EmptyStatement, *ast.BranchStatement, *ast.DebuggerStatement:
	case *ast.ExpressionStatement:
		if assignment, ok := s.Expression.(*ast.AssignExpression); ok {
			r.assignment(assignment)
			return
		}
		r.value(s.Expression)
	case *ast.VariableStatement:
		r.declareAll(s.List)
	case *ast.LexicalDeclaration:
		r.declareAll(s.List)
	case *ast.FunctionDeclaration:
		r.walked(s.Function)
	case *ast.ClassDeclaration:
		r.class(s.Class)
	case *ast.BlockStatement:
		r.statements(s.List)
	case *ast.IfStatement:
		r.value(s.Test)
		r.statement(s.Consequent)
		r.statement(s.Alternate)
	case *ast.ReturnStatement:
		if r.function == nil {
			r.lose()
			return
		}
		r.returns(r.value(s.Argument))
	case *ast.ThrowStatement:
		r.escape(r.value(s.Argument))
	case *ast.WhileStatement:
		r.value(s.Test)
		r.statement(s.Body)
	case *ast.DoWhileStatement:
		r.statement(s.Body)
		r.value(s.Test)
	case *ast.ForStatement:
		r.forStatement(s)
	case *ast.ForInStatement:
		r.readWhole(r.value(s.Source))
		r.goInto(s.Into, anything)
		r.statement(s.Body)
	case *ast.ForOfStatement:
		r.goInto(s.Into, r.value(s.Source).element())
		r.statement(s.Body)
	case *ast.LabelledStatement:
		r.statement(s.Statement)
	case *ast.SwitchStatement:
		r.value(s.Discriminant)
		for _, c := range s.Body {
			r.value(c.Test)
			r.statements(c.Consequent)
		}
	case *ast.TryStatement:
		r.statement(s.Body)
		if s.Catch != nil {
			r.assign(s.Catch.Parameter, anything)
			r.statement(s.Catch.Body)
		}
		if s.Finally != nil {
			r.statement(s.Finally)
		}
	default: // with
		r.lose()
	}
}

func (r *reading) declareAll(list []*ast.Binding) {
	for _, binding := range list {
		r.declared(binding.Target, binding.Initializer)
	}
}

func (r *reading) forStatement(s *ast.ForStatement) {
	switch initial := s.Initializer.(type) {
	case *ast.ForLoopInitializerExpression:
		r.value(initial.Expression)
	case *ast.ForLoopInitializerVarDeclList:
		r.declareAll(initial.List)
	case *ast.ForLoopInitializerLexicalDecl:
		r.declareAll(initial.LexicalDeclaration.List)
	}
	r.value(s.Test)
	r.value(s.Update)
	r.statement(s.Body)
}

func (r *reading) goInto(into ast.ForInto, value held) {
	switch i := into.(type) {
	case *ast.ForIntoVar:
		r.assign(i.Binding.Target, value)
	case *ast.ForDeclaration:
		r.assign(i.Target, value)
	case *ast.ForIntoExpression:
		r.assign(i.Expression, value)
	default:
		r.lose()
	}
}
