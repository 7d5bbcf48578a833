package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// within walks with the variables of a function or block, which keep what earlier looks found.
func (a *analysis) within(node ast.Node, walk func()) {
	outer := a.scope
	v := a.locals[node]
	if v == nil {
		v = &variables{shapes: make(map[string]*shape), outer: outer}
		a.locals[node] = v
	}
	a.scope = v
	walk()
	a.scope = outer
}

// use is for a value that is handed on: it must belong to the call.
func (a *analysis) use(e ast.Expression) *shape {
	value := a.value(e)
	if value.outlives() {
		return a.doubt()
	}
	return value
}

// value returns what an expression gives, after a look at all it does.
func (a *analysis) value(e ast.Expression) *shape {
	switch n := e.(type) {
	case nil:
		return own
	case *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral, *ast.RegExpLiteral:
		return own
	case *ast.Identifier:
		return a.named(n.Name.String())
	case *ast.ThisExpression:
		if a.this == nil {
			return a.doubt()
		}
		return a.this
	case *ast.TemplateLiteral:
		return a.template(n)
	case *ast.FunctionLiteral:
		a.nested(n)
		return own
	case *ast.ArrowFunctionLiteral:
		a.arrow(n, nil)
		return own
	case *ast.ClassLiteral:
		a.classBody(n)
		return own
	case *ast.ArrayLiteral:
		a.elements(n.Value)
		return own
	case *ast.ObjectLiteral:
		a.object(n)
		return own
	case *ast.DotExpression, *ast.BracketExpression, *ast.PrivateDotExpression:
		return a.read(n)
	case *ast.CallExpression:
		return a.call(n)
	case *ast.NewExpression:
		return a.construct(n)
	case *ast.AssignExpression:
		return a.assignment(n)
	case *ast.OptionalChain:
		return a.value(n.Expression)
	case *ast.Optional:
		return a.value(n.Expression)
	}
	return a.operation(e)
}

func (a *analysis) operation(e ast.Expression) *shape {
	switch n := e.(type) {
	case *ast.UnaryExpression:
		switch n.Operator {
		case token.INCREMENT, token.DECREMENT, token.DELETE:
			a.assign(n.Operand)
		case token.TYPEOF:
			if _, ok := n.Operand.(*ast.Identifier); !ok {
				a.value(n.Operand)
			}
		default:
			a.value(n.Operand)
		}
		return own
	case *ast.BinaryExpression:
		left, right := a.value(n.Left), a.value(n.Right)
		switch {
		case n.Operator == token.LOGICAL_AND && left.outlives(): // an object is never false
			return join(own, right)
		case n.Operator == token.LOGICAL_AND || n.Operator == token.LOGICAL_OR || n.Operator == token.COALESCE:
			return join(left, right)
		}
		return own
	case *ast.ConditionalExpression:
		a.value(n.Test)
		return join(a.value(n.Consequent), a.value(n.Alternate))
	case *ast.SequenceExpression:
		last := own
		for _, part := range n.Sequence {
			last = a.value(part)
		}
		return last
	case *ast.AwaitExpression:
		return a.use(n.Argument)
	case *ast.YieldExpression:
		return a.use(n.Argument)
	}
	return a.doubt()
}

func (a *analysis) named(name string) *shape {
	if value, ok := a.local(name); ok {
		return value
	}
	if value, ok := a.top[name]; ok {
		return value
	}
	switch {
	case a.undeclared[name], name == "undefined", name == "NaN", name == "Infinity":
		return own
	case builtins[name] != "" || functions.has(name) || constructors.has(name):
		return &shape{kind: shapeBuiltin, name: name}
	}
	return a.doubt()
}

// nested is a function inside of another one. In a class its this is what it is called on, or
// nothing; elsewhere it may be the global object.
func (a *analysis) nested(f *ast.FunctionLiteral) {
	if a.strict {
		a.function(f, nil, own)
		return
	}
	a.function(f, nil, nil)
}

func (a *analysis) template(n *ast.TemplateLiteral) *shape {
	if n.Tag != nil {
		if !a.isBuiltinMember(n.Tag, "String", "raw") {
			return a.doubt()
		}
	}
	for _, e := range n.Expressions {
		if value := a.value(e); value.kind == shapeInstance || value.kind == shapeBuiltin {
			a.doubt()
		}
	}
	return own
}

func (a *analysis) elements(list []ast.Expression) {
	for _, e := range list {
		a.element(e)
	}
}

// element may be spread: then the members are handed on.
func (a *analysis) element(e ast.Expression) *shape {
	spread, ok := e.(*ast.SpreadElement)
	if !ok {
		return a.use(e)
	}
	if value := a.value(spread.Expression); value.outlives() && (value.kind == shapeInstance || value.kind == shapeBuiltin || value.element().outlives()) {
		a.doubt()
	}
	return own
}

func (a *analysis) object(n *ast.ObjectLiteral) {
	for _, property := range n.Value {
		switch p := property.(type) {
		case *ast.PropertyShort:
			a.use(&p.Name)
		case *ast.PropertyKeyed:
			name, literal := literalKey(p.Key)
			if reaching.has(name) {
				a.doubt()
			}
			if !literal {
				a.use(p.Key)
			}
			if f, ok := p.Value.(*ast.FunctionLiteral); ok {
				a.nested(f)
				continue
			}
			a.use(p.Value)
		case *ast.SpreadElement:
			a.element(p)
		default:
			a.doubt()
		}
	}
}

// read is a member.
func (a *analysis) read(e ast.Expression) *shape {
	switch n := e.(type) {
	case *ast.DotExpression:
		if super(n.Left) {
			return &shape{kind: shapeFunction}
		}
		return a.memberOf(a.value(n.Left), n.Identifier.Name.String())
	case *ast.PrivateDotExpression:
		return a.memberOf(a.value(n.Left), "#"+n.Identifier.Name.String())
	case *ast.BracketExpression:
		base := a.value(n.Left)
		if name, ok := literalKey(n.Member); ok {
			return a.memberOf(base, name)
		}
		key := a.use(n.Member)
		if base.kind == shapeInstance || base.kind == shapeBuiltin || base.kind == shapeFunction {
			return a.doubt()
		}
		if !base.outlives() && key.kind == shapeOwn && isIndex(n.Member, a.numbers) {
			return base
		}
		return base.any()
	}
	return a.doubt()
}

func super(e ast.Expression) bool {
	_, ok := e.(*ast.SuperExpression)
	return ok
}

func (a *analysis) assignment(n *ast.AssignExpression) *shape {
	value := a.use(n.Right)
	a.assign(n.Left)
	return value
}

// change is for a value of which a member is assigned.
func (a *analysis) change(e ast.Expression) {
	value := a.value(e)
	if value.kind != shapeOwn {
		a.doubt()
	}
	if value == parameterShape {
		a.changesParameter = true
	}
}

// assign permits changes to what belongs to the call: its variables, and members of its values.
func (a *analysis) assign(target ast.Expression) {
	switch t := target.(type) {
	case nil:
	case *ast.Identifier:
		name := t.Name.String()
		if _, ok := a.local(name); !ok && !a.undeclared[name] {
			a.doubt()
		}
	case *ast.DotExpression:
		if super(t.Left) || reaching.has(t.Identifier.Name.String()) {
			a.doubt()
			return
		}
		a.change(t.Left)
	case *ast.PrivateDotExpression:
		a.change(t.Left)
	case *ast.BracketExpression:
		if name, _ := literalKey(t.Member); reaching.has(name) {
			a.doubt()
		}
		a.change(t.Left)
		a.use(t.Member)
	case *ast.AssignExpression:
		a.use(t.Right)
		a.assign(t.Left)
	case *ast.ArrayPattern:
		for _, element := range t.Elements {
			a.assign(element)
		}
		a.assign(t.Rest)
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			switch p := property.(type) {
			case *ast.PropertyShort:
				a.use(p.Initializer)
				a.assign(&p.Name)
			case *ast.PropertyKeyed:
				if _, ok := literalKey(p.Key); !ok {
					a.use(p.Key)
				}
				a.assign(p.Value)
			}
		}
		a.assign(t.Rest)
	case *ast.OptionalChain:
		a.assign(t.Expression)
	case *ast.Optional:
		a.assign(t.Expression)
	default:
		a.doubt()
	}
}
