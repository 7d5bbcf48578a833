package v8words

import (
	"regexp"
	"strings"
	"sync"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// Of replaces what the engine says of common mistakes: authors search the web for V8's words. The
// scene tells what stands where it happened; without one, what the engine's text gives must do.
func Of(message string, s *Scene) string {
	for _, w := range wordings() {
		found := w.engine.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		if w.v8 == nil {
			return w.engine.ReplaceAllString(message, w.text)
		}
		if text := w.v8(s, found); text != "" {
			return text
		}
	}
	return message
}

// MayDiffer says whether Of may word a message otherwise, and saves finding the scene of most.
func MayDiffer(message string) bool {
	for _, w := range wordings() {
		if w.engine.MatchString(message) {
			return true
		}
	}
	return false
}

// wording is how one of the engine's messages reads in V8: a text with what was found, or what a
// look at the scene leads to, if to anything.
type wording struct {
	engine *regexp.Regexp
	text   string
	v8     func(s *Scene, found []string) string
}

var wordings = sync.OnceValue(func() []wording {
	says := func(engine, text string) wording { return wording{engine: regexp.MustCompile(engine), text: text} }
	shows := func(engine string, v8 func(s *Scene, found []string) string) wording {
		return wording{engine: regexp.MustCompile(engine), v8: v8}
	}
	const superFirst = "Must call super constructor in derived class before accessing 'this' or returning from derived constructor"
	return []wording{
		shows(`^Cannot read property '(.*)' of undefined(?: or null)?$`, (*Scene).reading),
		shows(`^Object has no member '(.*)'$`, (*Scene).noMember),
		shows(`^(?:Value is not an object|Value is not callable|Not a function): (.*)$`, (*Scene).notObject),
		shows(`^Value is not a constructor$`, (*Scene).notConstructor),
		shows(`^Cannot convert undefined or null to object$`, (*Scene).nothing),
		shows(`^object is not iterable$`, (*Scene).notIterable),
		shows(`^Value is not object coercible$`, (*Scene).destructured),
		shows(`^Cannot access a variable before initialization$`, (*Scene).tooEarly),
		shows(`^Class constructor cannot be invoked without 'new'$`, (*Scene).classCalled),
		shows(`^Class extends value is not a constructor or null$`, (*Scene).extended),
		shows(`^Super constructor is not a constructor$`, (*Scene).superNull),
		shows(`^Cannot assign to read only property '(.*)'$`, (*Scene).readOnly),
		shows(`^Receiver is not an object: (.*)$`, (*Scene).created),
		shows(`^Cannot delete property '(.*)' of \[object (.*)\]$`, func(_ *Scene, found []string) string {
			if found[2] == "Array" {
				return "Cannot delete property '" + found[1] + "' of [object Array]"
			}
			return "Cannot delete property '" + found[1] + "' of #<" + found[2] + ">"
		}),
		says(`^(Method .* called on incompatible receiver) \[object (.*)\]$`, "$1 #<$2>"),
		says(`^Method Date\.prototype\.\w+ is called on incompatible receiver$`, "this is not a Date object."),
		says(`^(?:\[object (\w+)\]) is not a function$`, "#<$1> is not a function"),
		says(`^No initial value$`, "Reduce of empty array with no initial value"),
		says(`^The comparison function must be either a function or undefined$`, "The comparison function must be either a function or undefined"),
		says(`^Constructor Promise requires 'new'$`, "Promise constructor cannot be invoked without 'new'"),
		shows(`^Invalid index (-?\d+)$`, (*Scene).badLength),
		shows(`^$`, (*Scene).silent),
		says(`^Must call super constructor in derived class before .*$`, superFirst),
		says(`^Cannot write private member (\S+) from an object`, "Cannot write private member $1 to an object"),
		says(`^Could not convert .* to primitive$`, "Cannot convert object to primitive value"),
		says(`^(toFixed\(\)) precision must`, "$1 digits argument must"),
		says(`^(toPrecision|toExponential)\(\) precision must`, "$1() argument must"),
		says(`^Malformed URI$`, "URI malformed"),
		says(`^RegExp doesn't have global flag set$`, "String.prototype.matchAll called with a non-global RegExp argument"),
		says(`^Cannot convert (\S*\.\S*) to a BigInt$`, "The number $1 cannot be converted to a BigInt because it is not an integer"),
		says(`^Expecting a function in instanceof check, but got .*$`, "Right-hand side of 'instanceof' is not callable"),
		says(`^prototype is not an object$`, "Function has non-object prototype 'undefined' in instanceof check"),
		says(`^Illegal generator state$`, "Generator is already running"),
		shows(`^Value is not a number: .*$`, (*Scene).noNumber),
		says(`^Unmatched '\)'$`, "Invalid regular expression: Unmatched ')'"),
		says(`^SyntaxError: (.*) at <eval>:\d+:\d+$`, "$1"),
		says(`^SyntaxError: <eval>: Line \d+:\d+ Unexpected token ILLEGAL.*$`, "Invalid or unexpected token"),
		says(`^SyntaxError: <eval>: Line \d+:\d+ Unexpected token (\S+)(?: \(and \d+ more errors\))?$`, "Unexpected token '$1'"),
		says(`^SyntaxError: <eval>: Line \d+:\d+ (.*?)(?: \(and \d+ more errors\))?$`, "$1"),
	}
})

// reading is for a property of what has none. The engine does not tell null from undefined.
func (s *Scene) reading(found []string) string {
	name := found[1]
	nothing := "undefined"
	if s != nil {
		if owner := s.ownerOf(name); owner != nil {
			nothing = s.nothingOf(owner)
		}
	}
	if name == "Symbol.iterator" {
		return strings.Replace(nothing, "null", "object null", 1) + " is not iterable (cannot read property Symbol(Symbol.iterator))"
	}
	if strings.HasPrefix(name, "Symbol.") {
		name = "Symbol(" + name + ")"
	}
	return "Cannot read properties of " + nothing + " (reading '" + name + "')"
}

func (s *Scene) noMember(found []string) string {
	if call := s.call(); call != nil {
		return asPrinted(call.Callee) + " is not a function"
	}
	return found[1] + " is not a function"
}

// notObject is said of nearly everything that should be an object and is none.
func (s *Scene) notObject(found []string) string {
	if s == nil {
		return found[1] + " is not a function"
	}
	switch s.native {
	case "":
	case "set":
		return "Invalid value used as weak map key"
	case "add":
		return "Invalid value used in weak set"
	case "fromEntries":
		return "Iterator value " + found[1] + " is not an entry object"
	case "resolve", "reject", "all", "any", "race", "allSettled":
		return "PromiseResolve called on non-object"
	case "construct":
		return found[1] + " is not a constructor"
	default:
		if call := s.call(); call != nil && strings.HasPrefix(asPrinted(call.Callee), "Reflect.") {
			return "Reflect." + s.native + " called on non-object"
		}
		return found[1] + " is not a function"
	}
	if call := s.call(); call != nil {
		return asPrinted(call.Callee) + " is not a function"
	}
	if made := s.made(); made != nil {
		switch name := asPrinted(made.Callee); name {
		case "Promise":
			return "Promise resolver " + found[1] + " is not a function"
		case "Map", "WeakMap":
			return "Iterator value " + found[1] + " is not an entry object"
		default:
			return name + " is not a constructor"
		}
	}
	return s.searched(found[1])
}

// searched is for in and instanceof, of which the engine does not tell the place.
func (s *Scene) searched(value string) string {
	switch in := s.operators(); {
	case len(in) != 1:
		return ""
	case in[0].Operator == token.INSTANCEOF:
		return "Right-hand side of 'instanceof' is not an object"
	default:
		if key, ok := in[0].Left.(*ast.StringLiteral); ok {
			return "Cannot use 'in' operator to search for '" + key.Value.String() + "' in " + value
		}
		return "Cannot use 'in' operator to search for '" + asPrinted(in[0].Left) + "' in " + value
	}
}

func (s *Scene) notConstructor([]string) string {
	if made := s.made(); made != nil {
		return asPrinted(made.Callee) + " is not a constructor"
	}
	return ""
}

// nothing is said where undefined or null is assigned to, iterated over, or handed to a built-in.
func (s *Scene) nothing([]string) string {
	if s == nil {
		return ""
	}
	if s.native != "" {
		return s.builtInOnNothing()
	}
	for _, node := range s.nodes {
		switch n := node.(type) {
		case *ast.AssignExpression:
			switch left := n.Left.(type) {
			case *ast.DotExpression:
				if s.at(left.Identifier.Idx) {
					return "Cannot set properties of " + s.nothingOf(left.Left) + " (setting '" + left.Identifier.Name.String() + "')"
				}
			case *ast.BracketExpression:
				if !s.at(left.LeftBracket) {
					continue
				}
				if key := keyText(left.Member); key != "" {
					return "Cannot set properties of " + s.nothingOf(left.Left) + " (setting '" + key + "')"
				}
				return "Cannot set properties of " + s.nothingOf(left.Left)
			}
		}
	}
	if text := s.notIterable(nil); text != iteratedNothing {
		return text
	}
	return ""
}

// iteratedNothing is said where it cannot be told what was to be iterated over.
const iteratedNothing = "object is not iterable (cannot read property Symbol(Symbol.iterator))"

func (s *Scene) builtInOnNothing() string {
	call := s.call()
	if call == nil {
		return ""
	}
	switch callee := asPrinted(call.Callee); {
	case strings.HasSuffix(callee, ".call") || strings.HasSuffix(callee, ".apply"):
		return strings.TrimSuffix(strings.TrimSuffix(callee, ".call"), ".apply") + " called on null or undefined"
	case callee == "Array.from":
		return "object null is not iterable (cannot read property Symbol(Symbol.iterator))"
	}
	return ""
}

// notIterable finds what was iterated over.
func (s *Scene) notIterable([]string) string {
	if s == nil {
		return ""
	}
	if call := s.call(); call != nil && s.native != "" {
		if len(call.ArgumentList) > 0 {
			return described(call.ArgumentList[0]) + " is not iterable (cannot read property Symbol(Symbol.iterator))"
		}
		return ""
	}
	if made := s.made(); made != nil && len(made.ArgumentList) > 0 {
		return described(made.ArgumentList[0]) + " is not iterable (cannot read property Symbol(Symbol.iterator))"
	}
	for _, node := range s.nodes {
		switch n := node.(type) {
		case *ast.ForOfStatement:
			if s.begins(n.Source) {
				return asPrinted(n.Source) + " is not iterable"
			}
		case *ast.Binding:
			if _, ok := n.Target.(*ast.ArrayPattern); ok && n.Initializer != nil && s.begins(n.Initializer) {
				return s.notListed(n.Initializer)
			}
		case *ast.AssignExpression:
			if _, ok := n.Left.(*ast.ArrayPattern); ok && s.begins(n.Right) {
				return s.notListed(n.Right)
			}
		case *ast.SpreadElement:
			if s.begins(n.Expression) {
				return asPrinted(n.Expression) + " is not iterable"
			}
		}
	}
	if s.takesList() {
		return "undefined is not iterable (cannot read property Symbol(Symbol.iterator))"
	}
	return iteratedNothing
}

// notListed is for what an array pattern takes apart.
func (s *Scene) notListed(from ast.Expression) string {
	if call, ok := from.(*ast.CallExpression); ok {
		if s.nothingOf(call) == "null" {
			return "object null is not iterable (cannot read property Symbol(Symbol.iterator))"
		}
		return asPrinted(from) + " is not a function or its return value is not iterable"
	}
	return asPrinted(from) + " is not iterable"
}

// destructured is for a pattern that undefined or null was given to.
func (s *Scene) destructured([]string) string {
	if s == nil {
		return "Cannot destructure a value that is undefined or null"
	}
	if s.native != "" {
		if text := s.builtInOnNothing(); text != "" {
			return text
		}
		return "String.prototype." + s.native + " called on null or undefined"
	}
	for _, node := range s.nodes {
		binding, ok := node.(*ast.Binding)
		if !ok {
			continue
		}
		pattern, ok := binding.Target.(*ast.ObjectPattern)
		if !ok || binding.Initializer == nil || !s.begins(binding.Initializer) {
			continue
		}
		switch first, inner := firstProperty(pattern); {
		case inner != "" && !isNoValue(binding.Initializer):
			return "Cannot read properties of undefined (reading '" + inner + "')"
		case first != "":
			nothing := s.nothingOf(binding.Initializer)
			return "Cannot destructure property '" + first + "' of '" + asPrinted(binding.Initializer) + "' as it is " + nothing + "."
		}
	}
	if pattern := s.parameter(); pattern != nil {
		if first, _ := firstProperty(pattern); first != "" {
			return "Cannot destructure property '" + first + "' of 'undefined' as it is undefined."
		}
	}
	return "Cannot destructure a value that is undefined or null"
}

func (s *Scene) tooEarly([]string) string {
	if name := s.name(); name != "" {
		return "Cannot access '" + name + "' before initialization"
	}
	return ""
}

func (s *Scene) classCalled([]string) string {
	if call := s.call(); call != nil {
		return "Class constructor " + asPrinted(call.Callee) + " cannot be invoked without 'new'"
	}
	return ""
}

func (s *Scene) extended([]string) string {
	if class := s.class(); class != nil && class.SuperClass != nil {
		value := asPrinted(class.SuperClass)
		if _, ok := class.SuperClass.(*ast.Identifier); ok && value != "undefined" {
			value = "undefined" // what else there could be, its text does not tell
		}
		return "Class extends value " + value + " is not a constructor or null"
	}
	return ""
}

func (s *Scene) superNull([]string) string {
	if made := s.made(); made != nil {
		return "Super constructor null of " + asPrinted(made.Callee) + " is not a constructor"
	}
	return ""
}

// readOnly tells what it can of the object: the engine names the property alone.
func (s *Scene) readOnly(found []string) string {
	for assign := range s.assignments() {
		var owner ast.Expression
		switch left := assign.Left.(type) {
		case *ast.DotExpression:
			if s.at(left.Identifier.Idx) {
				owner = left.Left
			}
		case *ast.BracketExpression:
			if s.at(left.LeftBracket) {
				owner = left.Left
			}
		case *ast.Identifier:
			if s.at(left.Idx) {
				return "Cannot assign to read only property '" + found[1] + "' of object '[object Object]'"
			}
		}
		if text, ok := owner.(*ast.StringLiteral); ok {
			return "Cannot assign to read only property '" + found[1] + "' of string '" + text.Value.String() + "'"
		}
		if owner == nil {
			continue
		}
		if class := s.getterOf(owner, found[1]); class != "" {
			return "Cannot set property " + found[1] + " of #<" + class + "> which has only a getter"
		}
		return "Cannot assign to read only property '" + found[1] + "' of object '#<Object>'"
	}
	return ""
}

// silent is for an assignment to an element of a frozen array, of which the engine says nothing.
func (s *Scene) silent([]string) string {
	if s == nil {
		return ""
	}
	for _, node := range s.nodes {
		if assign, ok := node.(*ast.AssignExpression); ok {
			if left, ok := assign.Left.(*ast.BracketExpression); ok && s.at(left.LeftBracket) {
				return "Cannot assign to read only property '" + keyText(left.Member) + "' of object '[object Array]'"
			}
		}
	}
	return ""
}

func (s *Scene) badLength(found []string) string {
	if made := s.made(); made != nil {
		if asPrinted(made.Callee) == "ArrayBuffer" {
			return "Invalid array buffer length"
		}
		return "Invalid typed array length: " + found[1]
	}
	return ""
}

func (s *Scene) noNumber([]string) string {
	if call := s.call(); call != nil {
		callee := strings.TrimSuffix(strings.TrimSuffix(asPrinted(call.Callee), ".call"), ".apply")
		return callee + " requires that 'this' be a Number"
	}
	return ""
}

func (s *Scene) created(found []string) string {
	for assign := range s.assignments() {
		if left, ok := assign.Left.(*ast.DotExpression); ok && s.at(left.Identifier.Idx) {
			kind := "string"
			switch {
			case found[1] == "true" || found[1] == "false":
				kind = "boolean"
			case strings.Trim(found[1], "0123456789.-e+") == "":
				kind = "number"
			}
			return "Cannot create property '" + left.Identifier.Name.String() + "' on " + kind + " '" + found[1] + "'"
		}
	}
	return ""
}
