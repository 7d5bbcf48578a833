package language

import (
	"github.com/dop251/goja/ast"
)

// call is what a function returns, which is never anything that outlives the call: no function of
// the script may return such a value, and the built-ins that do are known.
func (a *analysis) call(n *ast.CallExpression) *shape {
	callee := n.Callee
	for {
		switch c := callee.(type) {
		case *ast.OptionalChain:
			callee = c.Expression
			continue
		case *ast.Optional:
			callee = c.Expression
			continue
		}
		break
	}
	switch c := callee.(type) {
	case *ast.DotExpression:
		return a.callMethod(n, c.Left, c.Identifier.Name.String())
	case *ast.PrivateDotExpression:
		return a.callMethod(n, c.Left, "#"+c.Identifier.Name.String())
	case *ast.BracketExpression:
		if name, ok := literalKey(c.Member); ok {
			return a.callMethod(n, c.Left, name)
		}
	case *ast.SuperExpression:
		return a.doubt()
	case *ast.FunctionLiteral: // (function () { … })()
		a.nested(c)
		a.give(n.ArgumentList)
		return own
	}
	function := a.value(callee)
	if function.kind == shapeBuiltin {
		return a.callBuiltin(n, function.name, "")
	}
	if function.outlives() && function.kind != shapeFunction {
		a.doubt()
	}
	a.give(n.ArgumentList)
	return own
}

// give hands values to a function of the script's.
func (a *analysis) give(list []ast.Expression) {
	for _, e := range list {
		if a.element(e).kind == shapeDoubtful {
			a.passesDoubtful = true
		}
	}
}

func (a *analysis) callMethod(n *ast.CallExpression, receiver ast.Expression, name string) *shape {
	if super(receiver) {
		a.give(n.ArgumentList)
		return own
	}
	if reaching.has(name) {
		return a.doubt()
	}
	if function, method, ok := prototypeCall(receiver); ok && (name == "call" || name == "apply") {
		return a.callOn(n, function, method)
	}
	base := a.value(receiver)
	switch base.kind {
	default:
	case shapeOwn, shapeDoubtful:
		a.callOwn(n, base, name)
		return base
	case shapeBuiltin:
		return a.callBuiltin(n, base.name, name)
	case shapeInstance:
		if field := a.memberOf(base, name); field.kind != shapeFunction {
			a.doubt()
		}
		a.give(n.ArgumentList)
		return own
	case shapeFunction:
		return a.callFunctionMember(n, base, name)
	}
	if field, ok := base.fields[name]; ok {
		if field.kind != shapeFunction {
			a.doubt()
		}
		a.give(n.ArgumentList)
		return own
	}
	return a.callKept(n, base, name)
}

// callFunctionMember is a static method, or one that every function has.
func (a *analysis) callFunctionMember(n *ast.CallExpression, base *shape, name string) *shape {
	if field, ok := base.fields[name]; ok && field.kind == shapeFunction {
		a.give(n.ArgumentList)
		return own
	}
	if name != "call" && name != "apply" && name != "bind" || len(n.ArgumentList) == 0 {
		return a.doubt()
	}
	// this.method.call(this) is this.method()
	if _, ok := n.ArgumentList[0].(*ast.ThisExpression); !ok {
		a.use(n.ArgumentList[0])
	}
	a.give(n.ArgumentList[1:])
	return own
}

// callOwn calls a method of what belongs to the call, which may do with it what it likes.
func (a *analysis) callOwn(n *ast.CallExpression, base *shape, name string) {
	for _, argument := range n.ArgumentList {
		if _, ok := argument.(*ast.SpreadElement); ok {
			a.element(argument)
			continue
		}
		value := a.value(argument)
		switch {
		case value.kind == shapeDoubtful:
			a.passesDoubtful = a.passesDoubtful || a.methods[name]
		case !value.outlives():
		case a.methods[name]: // perhaps the script's own
			a.doubt()
		case value.kind == shapeFunction && takesFunction.has(name) && len(value.fields) == 0:
		case value.kind == shapePattern && takesPattern.has(name):
		case value.kind == shapeGlobalPattern && takesPattern.has(name) && name != "search":
		case value.kind == shapeArray && !value.element().outlives() && name == "concat":
		case value.kind == shapeInstance && givesThis.has(name):
		case value.kind == shapeBuiltin && takesFunction.has(name) && (pureFunctions.has(value.name) || functions.has(value.name)):
		default:
			a.doubt()
		}
	}
	if base.kind == shapeDoubtful && (name == "call" || name == "apply" || name == "bind") {
		a.doubt()
	}
}

var (
	takesFunction = wordList("map filter forEach find findIndex findLast some every reduce reduceRight flatMap sort replace replaceAll then catch finally from")
	takesPattern  = wordList("replace replaceAll match matchAll split search")
	givesThis     = wordList("map filter forEach find findIndex some every flatMap")
	pureFunctions = wordList("String Number Boolean")
)

// callKept calls a method of a value that outlives the call and must stay as it is.
func (a *analysis) callKept(n *ast.CallExpression, base *shape, name string) *shape {
	if a.methods[name] || !keeps(base.kind).has(name) {
		return a.doubt()
	}
	element := base.element()
	for i, argument := range n.ArgumentList {
		if i == 0 && visits.has(name) && isFunction(argument) {
			parameters := []*shape{element, own, base}
			if name == "reduce" || name == "reduceRight" {
				parameters = []*shape{join(own, element), element, own, base}
			} else if base.kind == shapeCollection {
				parameters = []*shape{element, element, base}
			}
			a.callback(argument, parameters)
			continue
		}
		a.use(argument)
	}
	if !element.outlives() {
		return own
	}
	switch name {
	case "find", "findLast", "at", "get", "reduce", "reduceRight":
		return element
	case "filter", "slice", "concat", "values", "entries", "flat":
		return &shape{kind: shapeArray, each: element}
	case "some", "every", "includes", "indexOf", "has", "findIndex", "hasOwnProperty", "forEach", "join", "toString", "map", "test":
		return own
	}
	return a.doubt()
}

func (a *analysis) callback(f ast.Expression, parameters []*shape) {
	switch f := f.(type) {
	case *ast.ArrowFunctionLiteral:
		a.arrow(f, parameters)
	case *ast.FunctionLiteral:
		a.function(f, parameters, nil)
	}
}

var visits = wordList("map filter forEach find findIndex findLast some every reduce reduceRight flatMap")

// keeps are the methods that leave a value as it is.
func keeps(kind shapeKind) wordList {
	switch kind {
	case shapeArray:
		return "map filter forEach find findIndex findLast some every reduce reduceRight includes indexOf lastIndexOf join slice concat at " +
			"keys entries values flat toString hasOwnProperty"
	case shapeObject:
		return "hasOwnProperty toString"
	case shapePattern:
		return "test exec toString"
	case shapeGlobalPattern:
		return "toString"
	case shapeCollection:
		return "has get forEach keys values entries"
	default:
		return ""
	}
}

// prototypeCall recognises Object.prototype.hasOwnProperty of Object.prototype.hasOwnProperty.call().
func prototypeCall(e ast.Expression) (class, method string, ok bool) {
	member, ok := e.(*ast.DotExpression)
	if !ok {
		return "", "", false
	}
	prototype, ok := member.Left.(*ast.DotExpression)
	if !ok || prototype.Identifier.Name != "prototype" {
		return "", "", false
	}
	name, ok := prototype.Left.(*ast.Identifier)
	if !ok || !extensible.has(name.Name.String()) {
		return "", "", false
	}
	return name.Name.String(), member.Identifier.Name.String(), true
}

// callOn is Class.prototype.method.call(value, …).
func (a *analysis) callOn(n *ast.CallExpression, class, method string) *shape {
	if a.top[class] != nil || reaching.has(method) {
		return a.doubt()
	}
	for i, argument := range n.ArgumentList {
		if i == 0 && (method == "hasOwnProperty" || method == "toString") {
			if value := a.value(argument); value.kind == shapeInstance || value.kind == shapeBuiltin {
				a.doubt()
			}
			continue
		}
		a.element(argument)
	}
	return own
}

// callBuiltin calls a function of the language or ours: one by itself where there is no method.
func (a *analysis) callBuiltin(n *ast.CallExpression, object, method string) *shape {
	switch {
	case method == "" && !functions.has(object) && !pureFunctions.has(object) && !calledPlainly.has(object):
		return a.doubt()
	case method != "" && !builtins[object].has(method) && builtins[object] != "*":
		return a.doubt()
	}
	looks := object == "console" || object == "JSON" && method == "stringify" || object == "Object" && looksAt.has(method) ||
		object == "Array" && method == "isArray" || pureFunctions.has(object)
	result := own
	for i, argument := range n.ArgumentList {
		if _, ok := argument.(*ast.SpreadElement); ok || !looks {
			a.builtinArgument(argument, object, method, i == 0 && method == "assign")
			continue
		}
		value := a.value(argument)
		switch {
		case value.kind == shapeInstance, value.kind == shapeBuiltin, value.kind == shapeFunction:
			a.doubt()
		case value.outlives() && (method == "values" || method == "entries") && value.element().outlives():
			result = &shape{kind: shapeArray, each: value.element()}
			if method == "entries" {
				result = &shape{kind: shapeArray, each: &shape{kind: shapeArray, each: join(own, value.element())}}
			}
		}
	}
	return result
}

// builtinArgument permits values that outlive the call where they are copied.
func (a *analysis) builtinArgument(argument ast.Expression, object, method string, isTarget bool) {
	if spread, ok := argument.(*ast.SpreadElement); ok {
		a.element(spread)
		return
	}
	value := a.value(argument)
	if !value.outlives() {
		if isTarget && value.kind == shapeDoubtful {
			a.doubt()
		}
		return
	}
	copies := object == "Array" && method == "from" || object == "Object" && method == "assign" || object == "Object" && method == "fromEntries"
	if copies && (value.kind == shapeArray || value.kind == shapeObject || value.kind == shapeCollection) && !value.element().outlives() && !isTarget {
		return
	}
	if value.kind == shapeFunction && len(value.fields) == 0 && (method == "from" || object == "setTimeout") {
		return
	}
	a.doubt()
}

var looksAt = wordList("keys values entries getOwnPropertyNames is hasOwn isFrozen")

// builtins are the objects of the language and ours, with the functions that leave nothing behind.
var builtins = map[string]wordList{
	"Math":        "*",
	"JSON":        "*",
	"Object":      "keys values entries assign fromEntries is hasOwn getOwnPropertyNames groupBy create freeze isFrozen defineProperty",
	"Array":       "isArray from of",
	"Number":      "isInteger isSafeInteger isNaN isFinite parseInt parseFloat",
	"String":      "fromCharCode fromCodePoint raw",
	"Date":        "now parse UTC",
	"Promise":     "all allSettled any race resolve reject withResolvers",
	"Symbol":      "for",
	"BigInt":      "asIntN asUintN",
	"Intl":        "-",
	"URL":         "canParse parse",
	"console":     "log info warn error debug trace",
	"s":           "*",
	"moment":      "utc unix duration parseZone isMoment isDate min max invalid",
	"Error":       "isError",
	"Map":         "groupBy",
	"Uint8Array":  "from of",
	"ArrayBuffer": "isView",
	"_": "map filter find each forEach reduce some every any all contains includes keys values pairs toPairs pick omit extend assign defaults merge clone " +
		"cloneDeep get set has isEmpty isString isNumber isObject isArray isFunction isUndefined isNull isEqual isNaN isBoolean isDate first last head tail " +
		"initial compact flatten uniq uniqBy union without difference intersection zip range sortBy groupBy countBy indexBy keyBy pluck invoke max min " +
		"escape unescape trim truncate capitalize camelCase kebabCase snakeCase startCase upperFirst lowerFirst padStart padEnd repeat size partition " +
		"mapValues mapKeys sum sumBy maxBy minBy orderBy chunk take takeRight drop dropRight findIndex reject result identity noop toString split replace words join",
}

// functions can be called and leave nothing behind.
var functions = wordList("parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape atob btoa " +
	"structuredClone HTTP fetch serverFetch setTimeout clearTimeout queueMicrotask")

var calledPlainly = wordList("Date Symbol BigInt Array Error TypeError RangeError SyntaxError RegExp moment _ s")

// constructors make what belongs to the call.
var constructors = wordList("Date Map Set WeakMap WeakSet Array Object Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError " +
	"RegExp Promise URL URLSearchParams TextEncoder TextDecoder Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array " +
	"Float64Array ArrayBuffer DataView Headers AbortController FormData String Number Boolean")

// construct makes a value of a class.
func (a *analysis) construct(n *ast.NewExpression) *shape {
	callee := n.Callee
	if member, ok := callee.(*ast.DotExpression); ok {
		base, ok := member.Left.(*ast.Identifier)
		if !ok || base.Name != "Intl" || a.top["Intl"] != nil {
			return a.doubt()
		}
		a.elements(n.ArgumentList)
		return own
	}
	class, ok := callee.(*ast.Identifier)
	if !ok {
		return a.doubt()
	}
	value := a.named(class.Name.String())
	switch value.kind {
	case shapeFunction, shapeOwn:
	case shapeBuiltin:
		if !constructors.has(value.name) {
			return a.doubt()
		}
		if len(n.ArgumentList) > 0 {
			list := a.value(n.ArgumentList[0])
			copied := (value.name == "Set" || value.name == "Map") && list.kind == shapeArray && !list.element().outlives() ||
				value.name == "RegExp" && (list.kind == shapePattern || list.kind == shapeGlobalPattern)
			if list.outlives() && !copied {
				a.doubt()
			}
			a.elements(n.ArgumentList[1:])
		}
		return own
	default:
		return a.doubt()
	}
	a.give(n.ArgumentList)
	return own
}
