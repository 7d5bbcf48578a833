package language

import (
	"strings"

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

// local finds a variable of the functions and blocks around.
func (a *analysis) local(name string) (*shape, bool) {
	for v := a.scope; v != nil; v = v.outer {
		if s, ok := v.shapes[name]; ok {
			if s == nil {
				return own, true
			}
			return s, true
		}
	}
	return nil, false
}

// bind declares a variable, or adds to what it may be.
func (a *analysis) bind(name string, value *shape) {
	if value.outlives() && a.assigned[name] {
		a.doubt() // what else it may become is not followed
	}
	known := a.scope.shapes[name]
	if known != nil && known.kind == shapeDoubtful && value.kind == shapeOwn {
		return
	}
	if joined := join(known, value); !equal(known, joined) {
		a.scope.shapes[name] = joined
		a.grown = a.grown || joined.kind != shapeOwn
	}
}

// declareLocal makes a name known whose value comes later.
func (a *analysis) declareLocal(names ...string) {
	for _, name := range names {
		if _, ok := a.scope.shapes[name]; !ok {
			a.scope.shapes[name] = nil
		}
	}
}

// bindTarget gives a value to the names of a target.
func (a *analysis) bindTarget(target ast.Expression, value *shape) {
	switch t := target.(type) {
	case nil:
	case *ast.Identifier:
		a.bind(t.Name.String(), value)
	case *ast.AssignExpression:
		a.bindTarget(t.Left, join(value, a.use(t.Right)))
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			a.bindProperty(property, value)
		}
		a.bindRest(t.Rest, value)
	case *ast.ArrayPattern:
		for _, element := range t.Elements {
			a.bindTarget(element, value.element())
		}
		a.bindRest(t.Rest, value)
	default:
		a.doubt()
	}
}

func (a *analysis) bindProperty(property ast.Property, value *shape) {
	switch p := property.(type) {
	case *ast.PropertyShort:
		name := p.Name.Name.String()
		member := a.memberOf(value, name)
		if p.Initializer != nil {
			member = join(member, a.use(p.Initializer))
		}
		a.bind(name, member)
	case *ast.PropertyKeyed:
		if name, ok := literalKey(p.Key); ok {
			a.bindTarget(p.Value, a.memberOf(value, name))
			return
		}
		a.use(p.Key)
		a.bindTarget(p.Value, value.any())
	}
}

// bindRest copies the members, so they alone may outlive the call.
func (a *analysis) bindRest(rest ast.Expression, value *shape) {
	if rest == nil {
		return
	}
	if value.outlives() && value.element().outlives() {
		a.doubt()
	}
	a.bindTarget(rest, own)
}

// memberOf is a member with a name that stands in the text.
func (a *analysis) memberOf(value *shape, name string) *shape {
	if reaching.has(name) {
		return a.doubt()
	}
	switch value.kind {
	default:
	case shapeInstance:
		if field, ok := value.fields[name]; ok {
			return field
		}
		if a.methods[name] {
			return &shape{kind: shapeFunction} // of a class below or above, or an accessor
		}
		return a.doubt()
	case shapeOwn:
		switch {
		case inherited.has(name):
			return &shape{kind: shapeFunction}
		case perhapsInherited.has(name):
			return doubtful
		}
		return own
	case shapeBuiltin:
		if name == strings.ToUpper(name) || value.name == "Symbol" {
			return own // Math.PI
		}
		return a.doubt()
	}
	return value.member(name)
}

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

func (a *analysis) bindings(list []*ast.Binding) {
	for _, binding := range list {
		if binding.Initializer != nil {
			a.bindVariable(binding.Target, a.value(binding.Initializer))
		}
	}
}

// bindVariable finds where a variable was declared: a var in a block belongs to the function.
func (a *analysis) bindVariable(target ast.Expression, value *shape) {
	inner := a.scope
	if name, ok := target.(*ast.Identifier); ok {
		for v := a.scope; v != nil; v = v.outer {
			if _, ok := v.shapes[name.Name.String()]; ok {
				a.scope = v
				break
			}
		}
	} else if value.outlives() {
		// The names of a pattern are bound here; those of a var may be read further out.
		for _, name := range TargetNames(target) {
			if _, ok := a.scope.shapes[name]; !ok {
				a.doubt()
			}
		}
	}
	a.bindTarget(target, value)
	a.scope = inner
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

func (a *analysis) into(into ast.ForInto, value *shape) {
	switch i := into.(type) {
	case *ast.ForIntoVar:
		a.bindVariable(i.Binding.Target, value)
	case *ast.ForDeclaration:
		a.bindTarget(i.Target, value)
	case *ast.ForIntoExpression:
		if value.outlives() {
			a.doubt()
		}
		a.assign(i.Expression)
	}
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
		if !base.outlives() && key.kind == shapeOwn && a.isIndex(n.Member) {
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

// isIndex tells whether a key is surely a number.
func (a *analysis) isIndex(key ast.Expression) bool {
	switch k := key.(type) {
	case *ast.Identifier:
		return a.numbers[k.Name.String()]
	case *ast.BinaryExpression:
		return k.Operator == token.MINUS || k.Operator == token.MULTIPLY || k.Operator == token.REMAINDER
	case *ast.UnaryExpression:
		return k.Operator == token.INCREMENT || k.Operator == token.DECREMENT || k.Operator == token.PLUS || k.Operator == token.MINUS
	}
	return false
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
