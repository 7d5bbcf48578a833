package language

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// isStateless tells whether a script keeps nothing from call to call, so that any worker may run
// it. It says so only of what it understands wholly: the top level declares functions, classes and
// values that never change, and no function changes or hands on anything but what belongs to its
// call.
func isStateless(program *ast.Program, exported string, globals []string) bool {
	loose := undeclared(program, globals)
	if len(loose) > mostLoose {
		return false
	}
	a := &analysis{
		top: make(map[string]*shape), assigned: make(map[string]bool), methods: make(map[string]bool),
		undeclared: set(strings.Join(loose, " ")), instances: set("Script " + exported),
		locals: make(map[ast.Node]*variables),
	}
	a.mentions = mentioned(program)
	a.numbers = numbers(program)
	a.survey(program)
	a.declare(program)
	// What is known of a variable grows as its values are met.
	a.grown = true
	for look := 0; a.grown && !a.stateful; look++ {
		a.grown = false
		if look == mostLooks {
			return false
		}
		for _, statement := range program.Body {
			a.topStatement(statement)
		}
	}
	if a.changesParameter && a.passesDoubtful {
		return false
	}
	return !a.stateful && !readsBeforeAssigning(program, loose)
}

const (
	mostLoose = 100 // names that are assigned and never declared
	mostLooks = 10
)

// analysis is one look at a whole program.
type analysis struct {
	top        map[string]*shape // what the top level declares
	undeclared map[string]bool
	assigned   map[string]bool // names that are assigned anywhere after their declaration
	methods    map[string]bool // names of functions that the script has as members
	instances  map[string]bool // classes that the script's own instance may be of
	locals     map[ast.Node]*variables
	scope      *variables
	this       *shape          // nil where it may be anything
	numbers    map[string]bool // variables that hold nothing but numbers
	mentions   map[string]bool
	strict     bool // inside a class
	// A function that changes its parameter must not be given a value that may be a built-in.
	changesParameter, passesDoubtful bool
	grown                            bool
	stateful                         bool
}

// variables are those of a function or block.
type variables struct {
	shapes map[string]*shape
	outer  *variables
}

func set(words string) map[string]bool {
	out := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		out[word] = true
	}
	return out
}

// wordList is a list of names. It is text, so that a worker that compiles nothing pays nothing for it.
type wordList string

func (w wordList) has(name string) bool {
	return name != "" && strings.Contains(" "+string(w)+" ", " "+name+" ")
}

// doubt is for whatever is not understood.
func (a *analysis) doubt() *shape {
	a.stateful = true
	return own
}

// survey takes down what has to be known in advance.
func (a *analysis) survey(program *ast.Program) {
	var look func(ast.Node)
	look = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.AssignExpression:
			a.assignedTo(n.Left)
			if isFunction(n.Right) {
				a.methodOf(n.Left)
			}
		case *ast.UnaryExpression:
			if n.Operator == token.INCREMENT || n.Operator == token.DECREMENT {
				a.assignedTo(n.Operand)
			}
		case *ast.ForIntoExpression:
			a.assignedTo(n.Expression)
		case *ast.MethodDefinition:
			a.methodKey(n.Key)
		case *ast.FieldDefinition:
			a.methodKey(n.Key)
		case *ast.PropertyKeyed:
			if isFunction(n.Value) {
				a.methodKey(n.Key)
			}
		case *ast.PropertyShort:
			a.methods[n.Name.Name.String()] = true
		case *ast.ClassLiteral:
			if base, ok := n.SuperClass.(*ast.Identifier); ok {
				a.instances[base.Name.String()] = true // it may be the base of the script's own
			}
		}
		Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
	}
}

func (a *analysis) assignedTo(target ast.Expression) {
	for _, name := range TargetNames(target) {
		a.assigned[name] = true
	}
}

func (a *analysis) methodOf(target ast.Expression) {
	if member, ok := target.(*ast.DotExpression); ok {
		a.methods[member.Identifier.Name.String()] = true
	}
}

func (a *analysis) methodKey(key ast.Expression) {
	if name, ok := literalKey(key); ok {
		a.methods[name] = true
	}
}

func isFunction(e ast.Expression) bool {
	switch e.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return true
	}
	return false
}

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

// inherited are functions that values have from their built-in prototypes, perhapsInherited those
// that data may have under the same name.
var (
	inherited = wordList("hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf push pop shift unshift splice slice concat join " +
		"reverse indexOf lastIndexOf includes forEach map reduce reduceRight flatMap copyWithin findIndex findLast findLastIndex charAt charCodeAt " +
		"codePointAt startsWith endsWith localeCompare matchAll padEnd padStart replaceAll substr substring toLowerCase toUpperCase trimEnd trimStart " +
		"toFixed toPrecision toISOString toJSON getTime apply bind call then catch finally exec compile")
	perhapsInherited = wordList("at every fill filter find flat keys values entries some sort with anchor big blink bold fixed italics link match normalize " +
		"repeat replace search small split strike sub sup trim test add clear delete get has set")
)

// parameterShape is what a function was given: it belongs to the call.
var parameterShape = &shape{kind: shapeOwn, name: "parameter"}

// reaching are the members by which a value leads to what outlives the call.
var reaching = wordList("constructor __proto__ prototype caller callee __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__")
