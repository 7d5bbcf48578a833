package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// value returns what an expression may give, after a look at all that it reads.
func (r *reading) value(e ast.Expression) held {
	if r.lost || r.depth == deepestReading {
		return r.lose()
	}
	r.depth++
	out := r.expression(e)
	r.depth--
	if r.steps += 1 + len(out.parts) + len(out.texts) + len(out.list); r.steps > mostReadingSteps {
		r.lose()
	}
	return out
}

func (r *reading) expression(e ast.Expression) held {
	switch n := e.(type) {
	case nil:
		return held{}
	case *ast.StringLiteral:
		return text(n.Value.String())
	case *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral, *ast.RegExpLiteral, *ast.MetaProperty:
		return anything
	case *ast.Identifier:
		return r.variable(n.Name.String())
	case *ast.TemplateLiteral:
		return r.template(n)
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		r.set(&r.walked(n).escapes)
		return anything
	case *ast.ClassLiteral:
		r.class(n)
		return anything
	case *ast.ArrayLiteral:
		return r.array(n)
	case *ast.ObjectLiteral:
		r.object(n)
		return anything
	case *ast.DotExpression:
		return r.memberOf(n.Left, n.Identifier.Name.String())
	case *ast.PrivateDotExpression:
		return r.memberOf(n.Left, "#"+n.Identifier.Name.String())
	case *ast.BracketExpression:
		return r.at(r.value(n.Left), n.Member)
	case *ast.CallExpression:
		return r.call(n)
	case *ast.NewExpression:
		return r.construct(n)
	case *ast.AssignExpression:
		value := r.assignment(n)
		switch n.Right.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral: // the name's, and a value besides
			r.set(&r.functionOf(n.Right).escapes)
		case *ast.ThisExpression:
			return r.lose()
		}
		return value
	case *ast.OptionalChain:
		return r.value(n.Expression)
	case *ast.Optional:
		return r.value(n.Expression)
	case *ast.AwaitExpression:
		return r.value(n.Argument) // a promise of a value is not told from the value
	}
	return r.operation(e)
}

func (r *reading) operation(e ast.Expression) held {
	switch n := e.(type) {
	case *ast.UnaryExpression:
		switch _, isName := n.Operand.(*ast.Identifier); {
		case n.Operator == token.INCREMENT, n.Operator == token.DECREMENT:
			r.assign(n.Operand, anything)
		case !isName || n.Operator != token.TYPEOF:
			r.value(n.Operand)
		}
		return anything
	case *ast.BinaryExpression:
		if n.Operator == token.IN {
			r.at(r.value(n.Right), n.Left)
			return anything
		}
		left, right := r.value(n.Left), r.value(n.Right)
		if isLogical(n.Operator) {
			return either(left, right)
		}
		return anything
	case *ast.ConditionalExpression:
		r.value(n.Test)
		return either(r.value(n.Consequent), r.value(n.Alternate))
	case *ast.SequenceExpression:
		var last held
		for _, part := range n.Sequence {
			last = r.value(part)
		}
		return last
	}
	return r.lose() // a bare this, or an expression that is not known
}

// Names by which a script reaches the world, or its values in a way that is not followed.
const worldly wordList = "eval Function globalThis global window self arguments Reflect Proxy"

func (r *reading) variable(s string) held {
	n := r.names[s]
	switch {
	case worldly.has(s) && (n == nil || !n.global):
		return r.lose()
	case n == nil:
		return anything
	case n.alias:
		return r.lose()
	}
	r.escapeAll(n.functions)
	out := n.held
	if !n.bound || r.globals[s] && !n.global {
		out.other = true
	}
	return out
}

func (r *reading) template(n *ast.TemplateLiteral) held {
	if n.Tag == nil && len(n.Expressions) == 0 && len(n.Elements) == 1 {
		return text(n.Elements[0].Parsed.String())
	}
	for _, e := range n.Expressions {
		if value := r.value(e); n.Tag != nil {
			r.escape(value)
		}
	}
	if n.Tag != nil {
		r.escapeReceiver(n.Tag)
		r.escape(r.value(n.Tag))
	}
	return anything
}

// array keeps its elements in sight.
func (r *reading) array(n *ast.ArrayLiteral) held {
	var elements held
	for _, e := range n.Value {
		if spread, ok := e.(*ast.SpreadElement); ok {
			elements.add(r.value(spread.Expression).element())
			continue
		}
		value := r.value(e)
		if len(value.list) > 0 { // a list in a list
			r.escape(value)
			value.other = true
		}
		elements.add(value)
	}
	out := held{parts: elements.parts, list: elements.texts}
	if elements.other || r.listsChange {
		out.list = nil
	}
	out.other = len(out.list) == 0
	return out
}

func (r *reading) object(n *ast.ObjectLiteral) {
	for _, property := range n.Value {
		switch p := property.(type) {
		case *ast.PropertyShort:
			r.defined(p.Name.Name.String())
			r.escape(r.value(&p.Name))
		case *ast.PropertyKeyed:
			if name, ok := literalKey(p.Key); ok {
				r.defined(name)
			} else {
				r.value(p.Key)
				r.computesName(p.Value)
			}
			r.escape(r.value(p.Value))
		case *ast.SpreadElement:
			r.escape(r.value(p.Expression))
		default:
			r.lose()
		}
	}
}

// defined is for the name of a member that may hold any function.
func (r *reading) defined(name string) {
	if reaching.has(name) {
		r.lose()
	}
	if !r.members[name] {
		r.members[name], r.grown = true, true
	}
}

// computesName is for a member whose name the text does not tell.
func (r *reading) computesName(value ast.Expression) {
	if isFunction(value) {
		r.computesNames()
	}
}

func (r *reading) computesNames() {
	if !r.computes {
		r.computes, r.grown = true, true
	}
}

// memberOf is a member with a name that stands in the text.
func (r *reading) memberOf(of ast.Expression, name string) held {
	if super(of) || r.isThis(of) {
		if reaching.has(name) {
			return r.lose()
		}
		r.escapeAll(r.methods[name])
		return anything
	}
	return r.member(r.value(of), name)
}

func (r *reading) assignment(n *ast.AssignExpression) held {
	if identifier, ok := n.Left.(*ast.Identifier); ok && n.Operator == token.ASSIGN {
		return r.declared(identifier, n.Right)
	}
	value := r.value(n.Right)
	if _, ok := n.Left.(*ast.BracketExpression); ok {
		r.computesName(n.Right)
	}
	switch {
	case n.Operator == token.ASSIGN:
	case isLogical(n.Operator):
		value = either(value, r.value(n.Left))
	default:
		value = anything
	}
	r.assign(n.Left, value)
	return value
}

// declared gives a variable its value. Functions and classes of that name are known.
func (r *reading) declared(target, value ast.Expression) held {
	if identifier, ok := target.(*ast.Identifier); ok {
		n := r.named(identifier.Name.String())
		switch v := value.(type) {
		case nil: // undefined, and that is always read
			return held{}
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
			r.walked(v)
			return anything
		case *ast.ClassLiteral:
			r.class(v)
			return anything
		case *ast.ThisExpression:
			if !r.instance {
				r.lose()
			}
			return anything
		}
		if n.class {
			r.lose()
		}
	}
	given := r.value(value)
	r.assign(target, given)
	return given
}

// isLogical is for operators that give one of their operands.
func isLogical(operator token.Token) bool {
	return operator == token.LOGICAL_AND || operator == token.LOGICAL_OR || operator == token.COALESCE
}
