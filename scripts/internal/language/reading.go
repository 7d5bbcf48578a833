package language

import (
	"slices"

	"github.com/dop251/goja/ast"

	"github.com/grapnel-chat/grapnel/integrations"
)

// readsOf finds out what a script's method for incoming requests may read of its argument, nil
// where that is not understood: then it is made whole.
//
// Values are followed by the names of variables, without regard to scopes or order: what a name
// holds anywhere, it may hold everywhere. Where a value goes out of sight, all of it is read: as a
// member of an object, as an argument or the receiver of a call to what is not surely the script's
// own, as what is thrown or given to the server. So whatever comes from out of sight needs no
// attention.
func readsOf(program *ast.Program, globals []string) *Reads {
	r := &reading{
		root:    &Reads{members: make(map[string]*Reads)},
		globals: make(map[string]bool), names: make(map[string]*name),
		methods: make(map[string][]*function), members: make(map[string]bool), functions: make(map[ast.Node]*function),
		looked:  make(map[ast.Expression]held),
		numbers: numbers(program),
	}
	for _, name := range globals {
		r.globals[name] = true
	}
	r.survey(program)
	if r.lost {
		return nil
	}
	// Where values come to must be known before it is told which go out of sight: a call may be that
	// of an array's method, if its receiver turns out to be part of the request.
	for _, r.strict = range []bool{false, true} {
		r.settle(program)
	}
	if r.lost {
		return nil
	}
	return r.root
}

// settle looks until there is nothing new.
func (r *reading) settle(program *ast.Program) {
	r.grown = true
	for look := 0; r.grown && !r.lost; look++ {
		r.grown, r.lost = false, look == mostReadingLooks
		clear(r.looked)
		r.statements(program.Body)
	}
}

// What goes beyond is read whole.
const (
	mostReadingLooks = 40
	mostReadingSteps = 1_000_000 // expressions, and what they may give
	deepestReading   = 2000      // expressions in expressions
	mostReads        = 1000      // parts that are told apart
	deepestRead      = 50
	longestReadName  = 200
)

// reading is one look at a whole program.
type reading struct {
	root      *Reads
	count     int // of parts that are told apart
	globals   map[string]bool
	numbers   map[string]bool // variables that hold nothing but numbers
	names     map[string]*name
	methods   map[string][]*function // of classes
	members   map[string]bool        // names that are assigned as members, or otherwise no plain methods
	functions map[ast.Node]*function

	looked      map[ast.Expression]held // defaults and keys, in this look
	function    *function               // around
	steps       int
	depth       int
	computes    bool // members that are functions get names that the text does not tell
	instance    bool // this is the script's own
	listsChange bool // an array of texts may get others
	strict      bool // what goes out of sight counts
	grown       bool
	lost        bool
}

// name is what all variables of that name may hold.
type name struct {
	held      held
	functions []*function // declared as it or assigned to it
	bound     bool        // to something else as well
	alias     bool        // to this
	class     bool
	global    bool // declared at the top level, so that no built-in is meant
}

// function is one of the script's.
type function struct {
	list     *ast.ParameterList
	gives    held // but for undefined: as a key it is a name that is always read
	instance bool // this is the script's own in it
	walked   bool // so that instance is known
	// It may be called by others, with what is out of sight. That is so for every function that is a
	// value somewhere, and no mere declaration of a name or of a class's method.
	escapes bool
}

func (r *reading) named(s string) *name {
	n := r.names[s]
	if n == nil {
		n = &name{}
		r.names[s] = n
	}
	return n
}

// lose gives up.
func (r *reading) lose() held {
	r.lost = true
	return anything
}

// set makes a fact known that is about what is out of sight.
func (r *reading) set(fact *bool) {
	if r.strict && !*fact {
		*fact, r.grown = true, true
	}
}

// survey takes down which functions names stand for, and whether the method is where it is looked for.
func (r *reading) survey(program *ast.Program) {
	mentions, methods := 0, 0
	begin := string(integrations.ProcessIncomingRequest)
	mention := func(name string) {
		if name == begin {
			mentions++
		}
	}
	method := func(key ast.Expression, f ast.Node) {
		name, ok := literalKey(key)
		if !ok {
			return
		}
		if r.methods[name] = append(r.methods[name], r.functionOf(f)); name == begin {
			methods++
		}
	}
	var look func(ast.Node)
	look = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.Binding:
			r.declares(n.Target, n.Initializer)
		case *ast.AssignExpression:
			r.declares(n.Left, n.Right)
		case *ast.FunctionLiteral:
			if n.Name != nil {
				r.declares(n.Name, n)
			}
		case *ast.ClassLiteral:
			if n.Name != nil {
				r.named(n.Name.Name.String()).class = true
			}
		case *ast.FieldDefinition:
			if !n.Static && isFunction(n.Initializer) {
				method(n.Key, n.Initializer)
			}
		case *ast.MethodDefinition:
			if n.Kind == ast.PropertyKindMethod && !n.Static {
				method(n.Key, n.Body)
			}
		case *ast.DotExpression:
			mention(n.Identifier.Name.String())
		case *ast.StringLiteral:
			mention(n.Value.String())
		case *ast.Identifier:
			mention(n.Name.String())
		case *ast.PropertyShort:
			mention(n.Name.Name.String())
		}
		Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
		r.declaresAtTop(statement)
	}
	for _, declaration := range program.DeclarationList {
		for _, binding := range declaration.List {
			r.declaredAtTop(TargetNames(binding.Target)...)
		}
	}
	if methods == 0 || mentions != methods {
		r.lost = true
	}
}

// declares takes down a function that a name is given.
func (r *reading) declares(target, value ast.Expression) {
	identifier, ok := target.(*ast.Identifier)
	if !ok || identifier == nil {
		return
	}
	n := r.named(identifier.Name.String())
	switch value.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		if f := r.functionOf(value); !slices.Contains(n.functions, f) {
			n.functions = append(n.functions, f)
		}
	case *ast.ClassLiteral:
		n.class = true
	case *ast.ThisExpression:
		n.alias = true
	}
}

func (r *reading) declaresAtTop(statement ast.Statement) {
	switch s := statement.(type) {
	case *ast.LexicalDeclaration:
		for _, binding := range s.List {
			r.declaredAtTop(TargetNames(binding.Target)...)
		}
	case *ast.FunctionDeclaration:
		r.declaredAtTop(s.Function.Name.Name.String())
	case *ast.ClassDeclaration:
		r.declaredAtTop(s.Class.Name.Name.String())
	}
}

func (r *reading) declaredAtTop(names ...string) {
	for _, identifier := range names {
		r.named(identifier).global = true
	}
}

func (r *reading) functionOf(node ast.Node) *function {
	f := r.functions[node]
	if f == nil {
		f = &function{}
		switch n := node.(type) {
		case *ast.FunctionLiteral:
			if f.list = n.ParameterList; n.Generator {
				r.lost = true
			}
		case *ast.ArrowFunctionLiteral:
			f.list = n.ParameterList
		}
		r.functions[node] = f
	}
	return f
}

// functionsNamed returns what a call of that name surely calls.
func (r *reading) functionsNamed(s string) []*function {
	n := r.names[s]
	if n == nil || n.bound || n.alias || n.class || r.globals[s] && !n.global {
		return nil
	}
	return n.functions
}

// methodsNamed returns what a call of that member of this surely calls.
func (r *reading) methodsNamed(s string) []*function {
	if r.members[s] {
		return nil
	}
	return r.methods[s]
}

// isThis recognises this and variables that hold it.
func (r *reading) isThis(e ast.Expression) bool {
	switch n := e.(type) {
	case *ast.ThisExpression:
		return r.instance
	case *ast.Identifier:
		known := r.names[n.Name.String()]
		return known != nil && known.alias && !known.bound && len(known.functions) == 0 && !known.class
	}
	return false
}

// isBuiltin recognises one of the words as the name of a built-in.
func (r *reading) isBuiltin(e ast.Expression, words wordList) bool {
	identifier, ok := e.(*ast.Identifier)
	return ok && words.has(identifier.Name.String()) && r.names[identifier.Name.String()] == nil
}
