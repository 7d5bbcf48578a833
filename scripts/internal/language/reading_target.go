package language

import (
	"github.com/dop251/goja/ast"
)

// bind gives a variable a value.
func (r *reading) bind(s string, value held) {
	n := r.named(s)
	if n.held.add(value) || !n.bound {
		n.bound, r.grown = true, true
	}
}

// assign gives a target a value.
func (r *reading) assign(target ast.Expression, value held) {
	switch t := target.(type) {
	case nil:
	case *ast.Identifier:
		r.bind(t.Name.String(), value)
	case *ast.AssignExpression: // with a default
		r.assign(t.Left, either(value, r.once(t.Right)))
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			r.assignProperty(property, value)
		}
		if t.Rest != nil {
			r.escape(value)
			r.assign(t.Rest, anything)
		}
	case *ast.ArrayPattern:
		for _, element := range t.Elements {
			r.assign(element, value.element())
		}
		r.assign(t.Rest, held{parts: value.parts, list: value.list, other: value.other || len(value.texts) > 0})
	case *ast.DotExpression, *ast.PrivateDotExpression, *ast.BracketExpression:
		r.assignMember(t, value)
	default:
		r.lose()
	}
}

func (r *reading) assignProperty(property ast.Property, value held) {
	switch p := property.(type) {
	case *ast.PropertyShort:
		member := r.member(value, p.Name.Name.String())
		if p.Initializer != nil {
			member.add(r.once(p.Initializer))
		}
		r.bind(p.Name.Name.String(), member)
	case *ast.PropertyKeyed:
		r.assign(p.Value, r.at(value, p.Key))
	default:
		r.lose()
	}
}

// once looks at a default or a key once, however often its target is given something, and even if
// that happens on the way: then it is nothing yet.
func (r *reading) once(e ast.Expression) held {
	value, known := r.looked[e]
	if !known {
		r.looked[e] = held{}
		value = r.value(e)
		r.looked[e] = value
	}
	return value
}

// assignMember puts a value into an object.
func (r *reading) assignMember(target ast.Expression, value held) {
	r.escape(value)
	switch t := target.(type) {
	case *ast.DotExpression:
		r.changeMember(t.Left, t.Identifier.Name.String())
	case *ast.PrivateDotExpression:
		r.changeMember(t.Left, "#"+t.Identifier.Name.String())
	case *ast.BracketExpression:
		if name, ok := literalKey(t.Member); ok {
			r.changeMember(t.Left, name)
			return
		}
		of := r.value(t.Left)
		r.at(of, t.Member)
		r.change(of)
	}
}

func (r *reading) changeMember(of ast.Expression, name string) {
	if !r.members[name] {
		r.members[name], r.grown = true, true
	}
	r.escapeAll(r.methods[name])
	if r.isThis(of) {
		return
	}
	value := r.value(of)
	if r.member(value, name); calledByOthers.has(name) {
		r.escape(value) // it is this in what is called then
	}
	r.change(value)
}

// change is for an object that gets other members.
func (r *reading) change(of held) {
	if len(of.list) > 0 {
		r.set(&r.listsChange)
	}
}
