package language

import (
	"strings"

	"github.com/dop251/goja/ast"
)

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
