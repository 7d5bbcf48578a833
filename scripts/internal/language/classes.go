package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// class is the shape of a class: its static members.
func (a *analysis) class(n *ast.ClassLiteral) *shape {
	out := &shape{kind: shapeFunction, fields: make(map[string]*shape)}
	for _, element := range n.Body {
		switch e := element.(type) {
		case *ast.FieldDefinition:
			if !e.Static {
				continue
			}
			name, ok := literalKey(e.Key)
			value := a.inert(e.Initializer)
			if !ok || e.Computed || value == nil {
				a.doubt()
				return out
			}
			out.fields[name] = value
		case *ast.MethodDefinition:
			if name, ok := literalKey(e.Key); ok && e.Static {
				if e.Kind != ast.PropertyKindMethod {
					a.doubt()
				}
				out.fields[name] = &shape{kind: shapeFunction}
			}
		case *ast.ClassStaticBlock:
			a.doubt()
		}
	}
	return out
}

// isInstance tells whether the script's own instance may be of this class. One without a name may
// be exported; inside of functions there are none but for the call.
func (a *analysis) isInstance(n *ast.ClassLiteral) bool {
	return a.scope == nil && (n.Name == nil || a.instances[n.Name.Name.String()])
}

func (a *analysis) classBody(n *ast.ClassLiteral) {
	instance := a.isInstance(n)
	this := own
	if instance {
		this = a.instance(n)
	}
	switch base := n.SuperClass.(type) {
	case nil:
	case *ast.Identifier:
		if declared := a.top[base.Name.String()]; declared == nil && (instance || !constructors.has(base.Name.String())) {
			a.doubt()
		}
	default:
		a.doubt()
	}
	strict := a.strict
	a.strict = true
	for _, element := range n.Body {
		a.classElement(element, this, instance)
	}
	a.strict = strict
}

func (a *analysis) classElement(element ast.ClassElement, this *shape, instance bool) {
	switch e := element.(type) {
	case *ast.FieldDefinition:
		if e.Computed || e.Static && a.scope != nil {
			a.doubt()
		}
		if e.Static || instance {
			a.withThis(this, func() { a.functionsIn(e.Initializer) })
			return
		}
		if e.Initializer != nil {
			a.withThis(this, func() { a.use(e.Initializer) })
		}
	case *ast.MethodDefinition:
		if e.Computed {
			a.doubt()
		}
		if e.Static {
			this = nil
		}
		if name, _ := literalKey(e.Key); instance && name == "constructor" && !e.Static {
			a.constructor(e.Body)
			return
		}
		a.function(e.Body, nil, this)
	default:
		a.doubt()
	}
}

// instance is what this is in the script's class: what its fields and constructor begin with.
func (a *analysis) instance(n *ast.ClassLiteral) *shape {
	out := &shape{kind: shapeInstance, fields: make(map[string]*shape)}
	for _, element := range n.Body {
		switch e := element.(type) {
		case *ast.FieldDefinition:
			if e.Static {
				continue
			}
			name, _ := literalKey(e.Key)
			value := a.inert(e.Initializer)
			if value == nil {
				a.doubt()
				continue
			}
			out.fields[name] = value
		case *ast.MethodDefinition:
			name, _ := literalKey(e.Key)
			if name == "constructor" && !e.Static {
				a.constructed(e.Body, out)
			} else if e.Static {
				continue
			} else if e.Kind == ast.PropertyKindMethod {
				out.fields[name] = &shape{kind: shapeFunction}
			} else {
				out.fields[name] = own // what a getter returns
			}
		}
	}
	return out
}

// constructed takes down this.x = value.
func (a *analysis) constructed(f *ast.FunctionLiteral, instance *shape) {
	for _, statement := range f.Body.List {
		if assignment := assignmentToThis(statement); assignment != nil {
			name := assignment.Left.(*ast.DotExpression).Identifier.Name.String() //nolint:forcetypeassert // assignmentToThis looked
			if value := a.inert(assignment.Right); value != nil {
				instance.fields[name] = join(instance.fields[name], value)
			}
		}
	}
}

// constructor permits nothing but such assignments and super().
func (a *analysis) constructor(f *ast.FunctionLiteral) {
	if len(f.ParameterList.List) > 0 || f.ParameterList.Rest != nil {
		a.doubt()
	}
	for _, statement := range f.Body.List {
		if assignment := assignmentToThis(statement); assignment != nil {
			if a.inert(assignment.Right) == nil {
				a.doubt()
			}
			a.functionsIn(assignment.Right)
			continue
		}
		if !isSuperCall(statement) {
			a.doubt()
		}
	}
}

func isSuperCall(statement ast.Statement) bool {
	s, ok := statement.(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	call, ok := s.Expression.(*ast.CallExpression)
	if !ok || len(call.ArgumentList) > 0 {
		return false
	}
	_, ok = call.Callee.(*ast.SuperExpression)
	return ok
}

func assignmentToThis(statement ast.Statement) *ast.AssignExpression {
	s, ok := statement.(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	n, ok := s.Expression.(*ast.AssignExpression)
	if !ok || n.Operator != token.ASSIGN {
		return nil
	}
	target, ok := n.Left.(*ast.DotExpression)
	if !ok || reaching.has(target.Identifier.Name.String()) {
		return nil
	}
	if _, ok := target.Left.(*ast.ThisExpression); !ok {
		return nil
	}
	return n
}

func (a *analysis) withThis(this *shape, walk func()) {
	outer := a.this
	a.this = this
	walk()
	a.this = outer
}
