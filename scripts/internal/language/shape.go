package language

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// shape is what is known of a value. Values that belong to one call are passed around freely; what
// outlives a call has a shape that says which of its uses leave it as it is.
type shape struct {
	kind   shapeKind
	fields map[string]*shape // by name, of objects, functions and classes
	each   *shape            // what a computed key or a loop may give
	name   string            // of a built-in
}

type shapeKind int

const (
	shapeOwn      shapeKind = iota // belongs to the call, or cannot be changed at all
	shapeDoubtful                  // as a rule as above; what a computed key gave, which may be "constructor"
	shapeFunction                  // a function or class of the top level, or a member of one
	shapeObject
	shapeArray
	shapePattern       // a regular expression that keeps no lastIndex
	shapeGlobalPattern // one that does
	shapeCollection    // a Set or Map
	shapeMixed         // may be one or another
	shapeInstance      // this, of the script's class
	shapeBuiltin
)

var (
	own      = &shape{kind: shapeOwn}
	doubtful = &shape{kind: shapeDoubtful}
)

// outlives tells whether what happens to the value may be seen by the next call.
func (s *shape) outlives() bool { return s.kind != shapeOwn && s.kind != shapeDoubtful }

// join is the shape of what may be either.
func join(a, b *shape) *shape {
	switch {
	case a == nil || a == b:
		return b
	case b == nil:
		return a
	case a.kind == shapeOwn && b.kind == shapeOwn:
		return parameterShape // at least one is
	case !a.outlives() && !b.outlives():
		return &shape{kind: max(a.kind, b.kind)}
	}
	out := &shape{kind: shapeMixed, fields: make(map[string]*shape), each: joinOptional(a.each, b.each)}
	if a.kind == b.kind {
		out.kind, out.name = a.kind, a.name
	}
	for _, from := range []*shape{a, b} {
		for name, field := range from.fields {
			out.fields[name] = join(out.fields[name], field)
		}
	}
	return out
}

func joinOptional(a, b *shape) *shape {
	if a == nil && b == nil {
		return nil
	}
	return join(a, b)
}

// equal compares shapes member by member.
func equal(a, b *shape) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.kind != b.kind || a.name != b.name || len(a.fields) != len(b.fields) || !equal(a.each, b.each) {
		return false
	}
	for name := range a.fields {
		if !equal(a.fields[name], b.fields[name]) {
			return false
		}
	}
	return true
}

// member is what a named member of the value is.
func (s *shape) member(name string) *shape {
	if !s.outlives() {
		return s
	}
	if field, ok := s.fields[name]; ok {
		return field
	}
	if s.kind != shapeObject && s.kind != shapeFunction && s.each != nil && s.each.outlives() {
		return s.each
	}
	return doubtful
}

// any is what a computed key of the value may give.
func (s *shape) any() *shape {
	if !s.outlives() || s.each == nil || s.each.kind == shapeOwn {
		return doubtful
	}
	return s.each
}

// element is what a loop over the value gives.
func (s *shape) element() *shape {
	if !s.outlives() || s.each == nil {
		return own
	}
	return s.each
}

// inert returns the shape of a top-level initial value that is the same whenever it is computed,
// nil for any other.
func (a *analysis) inert(e ast.Expression) *shape {
	switch n := e.(type) {
	case nil, *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return own
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return &shape{kind: shapeFunction}
	case *ast.ClassLiteral:
		return a.class(n)
	case *ast.RegExpLiteral:
		return patternShape(n.Flags)
	case *ast.Identifier:
		if n.Name == "undefined" || n.Name == "NaN" || n.Name == "Infinity" {
			return own
		}
		return a.top[n.Name.String()]
	case *ast.TemplateLiteral:
		if n.Tag == nil && a.allInert(n.Expressions...) {
			return own
		}
	case *ast.UnaryExpression:
		if n.Operator != token.INCREMENT && n.Operator != token.DECREMENT && n.Operator != token.DELETE && a.inert(n.Operand) == own {
			return own
		}
	case *ast.BinaryExpression:
		if a.allInert(n.Left, n.Right) {
			return own
		}
	case *ast.ConditionalExpression:
		if a.allInert(n.Test, n.Consequent, n.Alternate) {
			return own
		}
	case *ast.ArrayLiteral:
		return a.inertArray(n)
	case *ast.ObjectLiteral:
		return a.inertObject(n)
	case *ast.CallExpression:
		return a.inertCall(n)
	case *ast.NewExpression:
		return a.inertNew(n)
	case *ast.DotExpression:
		if base := a.inert(n.Left); base != nil && base.outlives() {
			if field := base.fields[n.Identifier.Name.String()]; field != nil {
				return field
			}
		}
	}
	return nil
}

// allInert tells whether all are values that cannot be changed.
func (a *analysis) allInert(list ...ast.Expression) bool {
	for _, e := range list {
		if a.inert(e) != own {
			return false
		}
	}
	return true
}

func patternShape(flags string) *shape {
	for _, flag := range flags {
		if flag == 'y' {
			return nil
		}
		if flag == 'g' {
			return &shape{kind: shapeGlobalPattern}
		}
	}
	return &shape{kind: shapePattern}
}

func (a *analysis) inertArray(n *ast.ArrayLiteral) *shape {
	out := &shape{kind: shapeArray, each: own, fields: map[string]*shape{"length": own}}
	for _, e := range n.Value {
		element := a.inert(e)
		if element == nil {
			return nil
		}
		out.each = join(out.each, element)
	}
	return out
}

func (a *analysis) inertObject(n *ast.ObjectLiteral) *shape {
	out := &shape{kind: shapeObject, fields: make(map[string]*shape)}
	for _, property := range n.Value {
		var name string
		var value ast.Expression
		switch p := property.(type) {
		case *ast.PropertyShort:
			name, value = p.Name.Name.String(), &p.Name
		case *ast.PropertyKeyed:
			key, ok := literalKey(p.Key)
			if !ok || p.Kind == ast.PropertyKindGet || p.Kind == ast.PropertyKindSet || key == "__proto__" {
				return nil
			}
			name, value = key, p.Value
		default:
			return nil
		}
		field := a.inert(value)
		if field == nil {
			return nil
		}
		out.fields[name] = field
		out.each = joinOptional(out.each, field)
	}
	return out
}

// literalKey is the name of a key that stands in the text.
func literalKey(key ast.Expression) (string, bool) {
	switch k := key.(type) {
	case *ast.StringLiteral:
		return k.Value.String(), true
	case *ast.NumberLiteral:
		return k.Literal, true
	case *ast.PrivateIdentifier:
		return "#" + k.Name.String(), true
	}
	return "", false
}

// inertCall knows what people compute once: frozen objects, joined texts, split lists.
func (a *analysis) inertCall(n *ast.CallExpression) *shape {
	callee, ok := n.Callee.(*ast.DotExpression)
	if !ok {
		return nil
	}
	method := callee.Identifier.Name.String()
	if object, ok := callee.Left.(*ast.Identifier); ok && object.Name == "Object" && method == "freeze" && len(n.ArgumentList) == 1 && a.top["Object"] == nil {
		return a.inert(n.ArgumentList[0])
	}
	base := a.inert(callee.Left)
	if base == nil || !a.allInert(n.ArgumentList...) || a.methods[method] {
		return nil
	}
	switch {
	case base == own && method == "split", base.kind == shapeArray && base.each == own && method == "concat":
		return &shape{kind: shapeArray, each: own, fields: map[string]*shape{"length": own}}
	case base.kind == shapeArray && base.each == own && method == "join", base == own && inertTextMethods.has(method):
		return own
	}
	return nil
}

var inertTextMethods = wordList("trim trimStart trimEnd toLowerCase toUpperCase repeat concat padStart padEnd slice replace toString")

func (a *analysis) inertNew(n *ast.NewExpression) *shape {
	class, ok := n.Callee.(*ast.Identifier)
	if !ok || a.top[class.Name.String()] != nil {
		return nil
	}
	switch class.Name {
	case "RegExp":
		if a.allInert(n.ArgumentList...) && len(n.ArgumentList) == 1 {
			return &shape{kind: shapePattern}
		}
	case "Set", "Map":
		if len(n.ArgumentList) > 1 {
			return nil
		}
		content := own
		for _, argument := range n.ArgumentList {
			list := a.inert(argument)
			if list == nil || list.kind != shapeArray {
				return nil
			}
			if content = list.each; class.Name == "Map" {
				content = content.element()
			}
		}
		return &shape{kind: shapeCollection, each: content, fields: map[string]*shape{"size": own}}
	}
	return nil
}
