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
