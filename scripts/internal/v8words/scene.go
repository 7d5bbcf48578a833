package v8words

import (
	"iter"
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// Scene is where in a script something was thrown.
type Scene struct {
	program      *ast.Program
	nodes        []ast.Node // all there are
	line, column int        // in the compiled text
	native       string     // the built-in function that threw, if it was one
}

// SceneOf reads a compiled text again. The place is one of that text; native names the built-in function
// that failed there, if one did. It is nil for a text that has no such place.
func SceneOf(compiled string, line, column int, native string) *Scene {
	text, _ := language.CutMap(compiled)
	program, err := language.Parse(text)
	if err != nil || line == 0 {
		return nil
	}
	s := &Scene{program: program, line: line, column: column, native: native}
	var look func(ast.Node)
	look = func(node ast.Node) {
		language.PlaceCall(program.File, node)
		s.nodes = append(s.nodes, node)
		language.Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
	}
	return s
}

// assignments are those in the script; a scene that is not known has none.
func (s *Scene) assignments() iter.Seq[*ast.AssignExpression] {
	return func(yield func(*ast.AssignExpression) bool) {
		if s == nil {
			return
		}
		for _, node := range s.nodes {
			if assign, ok := node.(*ast.AssignExpression); ok && !yield(assign) {
				return
			}
		}
	}
}

// at tells whether this is the place.
func (s *Scene) at(idx file.Idx) bool {
	position := s.program.File.Position(int(idx) - s.program.File.Base())
	return position.Line == s.line && position.Column == s.column
}

// begins tells whether the engine would give this place for a value: where it begins, or the last
// name of a path.
func (s *Scene) begins(value ast.Expression) bool {
	switch v := value.(type) {
	case *ast.DotExpression:
		return s.at(v.Identifier.Idx) || s.at(v.Idx0())
	case *ast.BracketExpression:
		return s.at(v.LeftBracket) || s.at(v.Idx0())
	case *ast.CallExpression:
		return s.at(v.LeftParenthesis) || s.at(v.Idx0())
	}
	return value != nil && s.at(value.Idx0())
}

// call is the call at the place.
func (s *Scene) call() *ast.CallExpression {
	if s == nil {
		return nil
	}
	for _, node := range s.nodes {
		if call, ok := node.(*ast.CallExpression); ok && s.at(call.LeftParenthesis) {
			return call
		}
	}
	return nil
}

// made is what is called with new at the place.
func (s *Scene) made() *ast.NewExpression {
	if s == nil {
		return nil
	}
	for _, node := range s.nodes {
		if made, ok := node.(*ast.NewExpression); ok && s.at(made.New) {
			return made
		}
	}
	return nil
}

func (s *Scene) class() *ast.ClassLiteral {
	if s == nil {
		return nil
	}
	for _, node := range s.nodes {
		if class, ok := node.(*ast.ClassLiteral); ok && s.at(class.Class) {
			return class
		}
	}
	return nil
}

func (s *Scene) name() string {
	if s == nil {
		return ""
	}
	for _, node := range s.nodes {
		if name, ok := node.(*ast.Identifier); ok && s.at(name.Idx) {
			return name.Name.String()
		}
	}
	return ""
}

// operators are the uses of in and instanceof in the function at the place.
func (s *Scene) operators() []*ast.BinaryExpression {
	var found []*ast.BinaryExpression
	var look func(ast.Node)
	look = func(node ast.Node) {
		if n, ok := node.(*ast.BinaryExpression); ok && (n.Operator == token.IN || n.Operator == token.INSTANCEOF) {
			found = append(found, n)
		}
		if !isFunctionNode(node) {
			language.Children(node, look)
		}
	}
	for _, node := range s.nodes {
		if isFunctionNode(node) && s.at(node.Idx0()) {
			language.Children(node, look)
		}
	}
	return found
}

func isFunctionNode(node ast.Node) bool {
	switch node.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return true
	}
	return false
}

// takesList tells whether a parameter of the function at the place is a list's pattern.
func (s *Scene) takesList() bool {
	for _, node := range s.nodes {
		function, ok := node.(*ast.ArrowFunctionLiteral)
		if !ok || !s.at(node.Idx0()) && !s.within(function.ParameterList) {
			continue
		}
		for _, binding := range function.ParameterList.List {
			if _, ok := binding.Target.(*ast.ArrayPattern); ok {
				return true
			}
		}
	}
	return false
}

// parameter is a pattern that the function at the place takes apart.
func (s *Scene) parameter() *ast.ObjectPattern {
	for _, node := range s.nodes {
		var list *ast.ParameterList
		switch n := node.(type) {
		case *ast.FunctionLiteral:
			list = n.ParameterList
		case *ast.ArrowFunctionLiteral:
			list = n.ParameterList
		default:
			continue
		}
		if list == nil || !s.at(node.Idx0()) && !s.within(list) {
			continue
		}
		for _, binding := range list.List {
			if pattern, ok := binding.Target.(*ast.ObjectPattern); ok {
				return pattern
			}
		}
	}
	return nil
}

// within tells whether the place is in a list of parameters.
func (s *Scene) within(list *ast.ParameterList) bool {
	begin := s.program.File.Position(int(list.Opening) - s.program.File.Base())
	end := s.program.File.Position(int(list.Closing) - s.program.File.Base())
	after := s.line > begin.Line || s.line == begin.Line && s.column >= begin.Column
	before := s.line < end.Line || s.line == end.Line && s.column <= end.Column
	return after && before
}

// ownerOf is the object whose property of that name was read at the place.
func (s *Scene) ownerOf(name string) ast.Expression {
	if read := s.ReadingOf(name); read != nil {
		return read.object
	}
	for _, node := range s.nodes {
		switch n := node.(type) {
		case *ast.DotExpression:
			if n.Identifier.Name.String() == name && (s.at(n.Identifier.Idx) || s.begins(n.Left)) {
				return n.Left
			}
		case *ast.BracketExpression:
			if s.at(n.LeftBracket) || s.begins(n.Left) {
				return n.Left
			}
		}
	}
	return nil
}

// nothingOf guesses whether a value is null or undefined, as the engine does not say. It is null
// where the script says so, or where a method gives that for nothing found.
func (s *Scene) nothingOf(value ast.Expression) string {
	if givesNull(value) {
		return "null"
	}
	name := ""
	switch v := value.(type) {
	case *ast.Identifier:
		name = v.Name.String()
	case *ast.DotExpression:
		name = v.Identifier.Name.String()
	}
	for _, node := range s.nodes {
		given, to := ast.Expression(nil), ""
		switch n := node.(type) {
		case *ast.Binding:
			if target, ok := n.Target.(*ast.Identifier); ok {
				given, to = n.Initializer, target.Name.String()
			}
		case *ast.AssignExpression:
			given, to = n.Right, lastName(n.Left)
		case *ast.PropertyKeyed:
			given, to = n.Value, keyText(n.Key)
		}
		if name != "" && to == name && givesNull(given) {
			return "null"
		}
	}
	return "undefined"
}

func lastName(target ast.Expression) string {
	switch t := target.(type) {
	case *ast.Identifier:
		return t.Name.String()
	case *ast.DotExpression:
		return t.Identifier.Name.String()
	}
	return ""
}

func givesNull(value ast.Expression) bool {
	switch v := value.(type) {
	case *ast.NullLiteral:
		return true
	case *ast.CallExpression:
		if method, ok := v.Callee.(*ast.DotExpression); ok {
			return method.Identifier.Name == "match" || method.Identifier.Name == "exec"
		}
	}
	return false
}

func isNoValue(value ast.Expression) bool {
	name, ok := value.(*ast.Identifier)
	return ok && name.Name == "undefined" || givesNull(value)
}

// getterOf is the class of an object whose property has a getter and no setter, in what the script
// itself defines.
func (s *Scene) getterOf(owner ast.Expression, name string) string {
	class := ""
	for _, node := range s.nodes {
		switch n := node.(type) {
		case *ast.PropertyKeyed:
			if n.Kind == ast.PropertyKindGet && keyText(n.Key) == name {
				class = "Object"
			}
		case *ast.ClassLiteral:
			for _, element := range n.Body {
				if method, ok := element.(*ast.MethodDefinition); ok && method.Kind == ast.PropertyKindGet && keyText(method.Key) == name && n.Name != nil {
					class = n.Name.Name.String()
				}
			}
		}
	}
	if made, ok := owner.(*ast.NewExpression); ok && class != "" {
		return asPrinted(made.Callee)
	}
	return class
}

// firstProperty is what a pattern takes first, and what it takes from that.
func firstProperty(pattern *ast.ObjectPattern) (first, inner string) {
	if len(pattern.Properties) == 0 {
		return "", ""
	}
	switch p := pattern.Properties[0].(type) {
	case *ast.PropertyShort:
		return p.Name.Name.String(), ""
	case *ast.PropertyKeyed:
		first = keyText(p.Key)
		if nested, ok := p.Value.(*ast.ObjectPattern); ok {
			inner, _ = firstProperty(nested)
		}
	}
	return first, inner
}

func keyText(key ast.Expression) string {
	switch k := key.(type) {
	case *ast.StringLiteral:
		return k.Value.String()
	case *ast.Identifier:
		return k.Name.String()
	case *ast.NumberLiteral:
		return k.Literal
	}
	return ""
}

const unnamed = "(intermediate value)"

// asPrinted shows an expression as V8 does in messages.
func asPrinted(e ast.Expression) string {
	switch n := e.(type) {
	case *ast.Identifier:
		return n.Name.String()
	case *ast.ThisExpression:
		return "this"
	case *ast.SuperExpression:
		return "super"
	case *ast.NullLiteral:
		return "null"
	case *ast.BooleanLiteral:
		return strconv.FormatBool(n.Value)
	case *ast.NumberLiteral:
		return n.Literal
	case *ast.StringLiteral:
		return `"` + n.Value.String() + `"`
	case *ast.DotExpression:
		return asOwner(n.Left) + "." + n.Identifier.Name.String()
	case *ast.PrivateDotExpression:
		return asPrinted(n.Left) + ".#" + n.Identifier.Name.String()
	case *ast.BracketExpression:
		if key, ok := n.Member.(*ast.StringLiteral); ok {
			return asPrinted(n.Left) + "." + key.Value.String()
		}
		if optional, ok := n.Left.(*ast.Optional); ok {
			return asPrinted(optional) + "?.[" + asPrinted(n.Member) + "]"
		}
		return asPrinted(n.Left) + "[" + asPrinted(n.Member) + "]"
	case *ast.CallExpression:
		return asPrinted(n.Callee) + "(...)"
	case *ast.Optional:
		return asPrinted(n.Expression)
	case *ast.OptionalChain:
		return asPrinted(n.Expression)
	case *ast.ArrayLiteral:
		items := make([]string, len(n.Value))
		for i, item := range n.Value {
			items[i] = asPrinted(item)
		}
		return "[" + strings.Join(items, ",") + "]"
	case *ast.ObjectLiteral:
		if len(n.Value) == 0 {
			return "{}"
		}
		return "{" + strings.Repeat(unnamed, len(n.Value)) + "}"
	}
	return unnamed
}

// asOwner shows what stands in front of a dot.
func asOwner(e ast.Expression) string {
	if optional, ok := e.(*ast.Optional); ok {
		return asPrinted(optional) + "?"
	}
	return asPrinted(e)
}

// described shows a value as V8 does where it was handed to a built-in.
func described(e ast.Expression) string {
	switch n := e.(type) {
	case *ast.NumberLiteral:
		return "number " + n.Literal
	case *ast.NullLiteral:
		return "object null"
	}
	return asPrinted(e)
}
