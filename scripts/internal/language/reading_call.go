package language

import (
	"github.com/dop251/goja/ast"
)

// call is what a call gives, after a look at what its function is given.
func (r *reading) call(n *ast.CallExpression) held {
	callee := plainCallee(n.Callee)
	switch c := callee.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral: // (function () { … })()
		return r.give([]*function{r.walked(c)}, n.ArgumentList)
	case *ast.Identifier:
		if functions := r.functionsNamed(c.Name.String()); functions != nil {
			return r.give(functions, n.ArgumentList)
		}
		if r.isBuiltin(c, converting) {
			r.values(n.ArgumentList)
			return anything
		}
	case *ast.BracketExpression:
		if name, ok := literalKey(c.Member); ok {
			return r.callMember(c.Left, name, n.ArgumentList)
		}
		r.escapeReceiver(c)
	case *ast.DotExpression:
		return r.callMember(c.Left, c.Identifier.Name.String(), n.ArgumentList)
	case *ast.PrivateDotExpression:
		return r.callMember(c.Left, "#"+c.Identifier.Name.String(), n.ArgumentList)
	}
	if !super(callee) {
		r.escape(r.value(callee))
	}
	r.handOut(n.ArgumentList)
	return anything
}

// plainCallee is what is called, without the signs that it may be missing.
func plainCallee(e ast.Expression) ast.Expression {
	for {
		switch c := e.(type) {
		case *ast.OptionalChain:
			e = c.Expression
		case *ast.Optional:
			e = c.Expression
		default:
			return e
		}
	}
}

// escapeReceiver is for what a function that is not known finds as this.
func (r *reading) escapeReceiver(callee ast.Expression) {
	var receiver ast.Expression
	switch c := plainCallee(callee).(type) {
	case *ast.DotExpression:
		receiver = c.Left
	case *ast.BracketExpression:
		receiver = c.Left
	}
	if !r.isThis(receiver) && !super(receiver) {
		r.escape(r.value(receiver))
	}
}

// converting are functions that look at no members of what they are given.
const converting wordList = "String Number Boolean parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI"

func (r *reading) values(list []ast.Expression) {
	for _, e := range list {
		r.argument(e)
	}
}

// argument is one of a call's; if it is spread, whoever is given it sees all.
func (r *reading) argument(e ast.Expression) held {
	spread, ok := e.(*ast.SpreadElement)
	if !ok {
		return r.value(e)
	}
	r.escape(r.value(spread.Expression))
	return anything
}

// handOut is for the arguments of a function that is not known.
func (r *reading) handOut(list []ast.Expression) {
	for _, e := range list {
		r.escape(r.argument(e))
	}
}

// give calls functions of the script's.
func (r *reading) give(functions []*function, list []ast.Expression) held {
	arguments := make([]held, 0, len(list))
	spread := false
	for _, e := range list {
		_, isSpread := e.(*ast.SpreadElement)
		spread = spread || isSpread
		arguments = append(arguments, r.argument(e))
	}
	if spread { // which of the parameters gets what is not clear
		for _, argument := range arguments {
			r.escape(argument)
		}
		arguments = nil
	}
	return r.giveAll(functions, arguments)
}

func (r *reading) giveAll(functions []*function, arguments []held) held {
	out := held{}
	for _, f := range functions {
		r.steps += len(arguments)
		r.parameters(f, arguments)
		out.add(f.gives)
	}
	return out
}

// parameters binds a function's to what it is given.
func (r *reading) parameters(f *function, arguments []held) {
	if !f.walked { // what is this in its defaults is seen there
		r.grown = true
		return
	}
	instance := r.instance
	r.instance = f.instance
	for i, parameter := range f.list.List {
		given := anything
		if i < len(arguments) {
			given = arguments[i]
		}
		r.assign(parameter.Target, given)
	}
	if f.list.Rest != nil {
		rest := anything
		for _, argument := range arguments[min(len(f.list.List), len(arguments)):] {
			r.escape(held{list: argument.list})
			rest.add(held{parts: argument.parts})
		}
		r.assign(f.list.Rest, rest)
	}
	r.instance = instance
}

func (r *reading) callMember(of ast.Expression, name string, list []ast.Expression) held {
	switch {
	case r.isThis(of):
		if functions := r.methodsNamed(name); functions != nil {
			return r.give(functions, list)
		}
		r.memberOf(of, name)
		r.handOut(list)
		return anything
	case super(of):
		r.memberOf(of, name)
		r.handOut(list)
		return anything
	case r.members[name]:
	case name == "isArray" && r.isBuiltin(of, "Array"):
		r.values(list)
		return anything
	case name == "hasOwn" && r.isBuiltin(of, "Object"):
		return r.callOn("hasOwnProperty", list)
	case name == "fromEntries":
		r.computesNames()
	case name == "call":
		if class, method, ok := prototypeCall(of); ok && class == "Object" && r.names[class] == nil {
			return r.callOn(method, list)
		}
	}
	receiver := r.value(of)
	r.member(receiver, name) // an object may have one of that name that is no function
	isArray := len(receiver.parts) > 0 || len(receiver.list) > 0
	switch {
	case !isArray, r.computes, r.members[name], len(r.methods[name]) > 0: // the function may be another one
	case name == "hasOwnProperty" && len(list) == 1:
		r.at(receiver, list[0])
		return anything
	case looping.has(name) && len(list) > 0:
		return r.loop(receiver, name, list)
	case lasting.has(name):
		r.values(list)
		return receiver
	case picking.has(name):
		r.values(list)
		return receiver.element()
	case seeking.has(name):
		r.values(list)
		return anything
	case name == "concat":
		out := receiver
		for _, e := range list {
			value := r.argument(e)
			r.escape(held{list: value.list})
			out = either(out, held{parts: value.parts, other: true})
		}
		r.escape(held{list: receiver.list})
		return out
	}
	r.escape(receiver)
	r.handOut(list)
	return anything
}

// callOn is Object.prototype.method.call(value, …).
func (r *reading) callOn(method string, list []ast.Expression) held {
	switch {
	case method == "hasOwnProperty" && len(list) == 2:
		r.at(r.argument(list[0]), list[1])
	case method == "toString":
		r.values(list)
	default:
		r.handOut(list)
	}
	return anything
}

// What arrays can do without a look at their elements' members. Texts have some of it, too.
const (
	looping wordList = "map filter forEach find findLast findIndex findLastIndex some every flatMap reduce reduceRight sort"
	lasting wordList = "slice reverse flat"
	picking wordList = "at pop shift"
	seeking wordList = "join includes indexOf lastIndexOf"
)

// loop is a method that calls a function with the elements.
func (r *reading) loop(receiver held, name string, list []ast.Expression) held {
	functions, known := r.callback(list[0])
	if !known {
		r.escape(receiver)
	}
	if name != "reduce" && name != "reduceRight" {
		for _, e := range list[1:] { // what is this in the function
			if !r.isThis(e) {
				r.escape(r.argument(e))
			}
		}
	}
	element := receiver.element()
	switch name {
	case "reduce", "reduceRight":
		var first held
		first.add(element)
		for _, e := range list[1:] {
			first.add(r.argument(e))
		}
		for _, f := range functions {
			first.add(f.gives)
		}
		r.escape(held{list: first.list})
		r.giveAll(functions, []held{first, element, anything, receiver})
		return first
	case "sort":
		r.giveAll(functions, []held{element, element})
		return receiver
	}
	gives := r.giveAll(functions, []held{element, anything, receiver})
	switch name {
	case "filter":
		return receiver
	case "find", "findLast":
		return element
	case "map", "flatMap":
		r.escape(held{list: gives.list})
		return held{parts: gives.parts, other: true}
	default:
		return anything
	}
}

// callback is the function that a loop is given.
func (r *reading) callback(e ast.Expression) (functions []*function, known bool) {
	switch n := e.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return []*function{r.walked(n)}, true
	case *ast.Identifier:
		if r.isBuiltin(n, converting) {
			return nil, true
		}
		functions = r.functionsNamed(n.Name.String())
		if functions != nil {
			return functions, true
		}
	}
	r.escape(r.argument(e))
	return nil, false
}

// construct makes a value of a built-in class. One of the script's would have this to itself.
func (r *reading) construct(n *ast.NewExpression) held {
	switch c := n.Callee.(type) {
	case *ast.Identifier:
		if r.names[c.Name.String()] != nil || worldly.has(c.Name.String()) {
			return r.lose()
		}
	case *ast.DotExpression:
		if !r.isBuiltin(c.Left, "Intl") {
			return r.lose()
		}
	default:
		return r.lose()
	}
	r.handOut(n.ArgumentList)
	return anything
}
