package v8words

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
)

// Reading is where a property is read: what of, and the place that V8 gives, which is the property's.
type Reading struct {
	scene    *Scene
	object   ast.Expression
	key      ast.Expression // of one in brackets
	property string
	idx      file.Idx
	unsure   bool // of a.b.b() the engine does not tell which b
}

// ReadingOf finds where a property of that name was read at the place. The engine has that at the
// property, but where it is called: then at the last thing in front of it that has a place.
func (s *Scene) ReadingOf(name string) (found *Reading) {
	least := unlikely
	for _, node := range s.nodes {
		r, doubt := s.readingAt(node, name)
		unsure := max(doubt, least) < doubtfulKey
		if doubt < least {
			found, least = r, doubt
		}
		if unsure {
			found.unsure = true
		}
	}
	return found
}

const (
	doubtfulKey = 2 // one that is an expression may be any name
	unlikely    = 4 // more doubt than there is of any place
)

// readingAt tells how a node reads the property at the place, and how doubtful it is.
func (s *Scene) readingAt(node ast.Node, name string) (r *Reading, doubt int) {
	expression, _ := node.(ast.Expression)
	called := false
	switch n := node.(type) {
	case *ast.CallExpression:
		expression, called = n.Callee, true
	case *ast.TemplateLiteral:
		expression, called = n.Tag, true
	}
	if r = s.read(expression); r == nil {
		return nil, unlikely
	}
	switch {
	case !called && s.at(r.idx):
	case called && s.at(cmp.Or(s.last(r.key), s.last(r.object))):
		doubt = 1
	default:
		return nil, unlikely
	}
	switch r.property {
	case name:
		return r, doubt
	case "":
		return r, doubt + doubtfulKey
	}
	return nil, unlikely
}

// read takes an expression apart that reads a property.
func (s *Scene) read(expression ast.Expression) *Reading {
	switch n := expression.(type) {
	case *ast.DotExpression:
		return &Reading{scene: s, object: n.Left, property: n.Identifier.Name.String(), idx: n.Identifier.Idx}
	case *ast.BracketExpression:
		r := &Reading{scene: s, object: n.Left, key: n.Member, idx: n.LeftBracket}
		switch n.Member.(type) {
		case *ast.StringLiteral, *ast.NumberLiteral:
			r.property = keyText(n.Member)
		}
		return r
	case *ast.Optional:
		return s.read(n.Expression)
	case *ast.OptionalChain:
		return s.read(n.Expression)
	}
	return nil
}

// last is the place that the engine knows last when it has evaluated an expression, zero for one
// without places.
func (s *Scene) last(expression ast.Expression) file.Idx {
	switch n := expression.(type) {
	case *ast.Identifier:
		return n.Idx
	case *ast.ThisExpression:
		return n.Idx
	case *ast.DotExpression:
		return n.Identifier.Idx
	case *ast.BracketExpression:
		return n.LeftBracket
	case *ast.CallExpression:
		return n.LeftParenthesis
	case *ast.NewExpression:
		return n.New
	case *ast.Optional:
		return s.last(n.Expression)
	case *ast.OptionalChain:
		return s.last(n.Expression)
	case *ast.AwaitExpression:
		return s.last(n.Argument)
	case *ast.ConditionalExpression:
		return s.last(n.Alternate)
	case *ast.SequenceExpression:
		return s.last(n.Sequence[len(n.Sequence)-1])
	case *ast.BinaryExpression:
		if idx := s.last(n.Right); idx != 0 {
			return idx
		}
		return n.Idx0()
	}
	return 0
}

// PlaceOf is a frame's place, that of the property for the frame in which it was read.
func PlaceOf(frame *goja.StackFrame, r *Reading) file.Position {
	position := frame.Position()
	position.Filename = frame.SrcName()
	if r != nil && position.Line == r.scene.line && position.Column == r.scene.column {
		there := r.scene.program.File.Position(int(r.idx) - r.scene.program.File.Base())
		position.Line, position.Column = there.Line, there.Column
	}
	return position
}

// Access is how the property was written behind its object.
func (r *Reading) Access() string {
	if r.key == nil {
		return "." + r.property
	}
	return "[" + asPrinted(r.key) + "]"
}

var lineBreak = regexp.MustCompile(`\s*\n\s*`)

const longestPath = 60

// Path is the object as the author wrote it, or as V8 shows it where that is long; nothing where it
// is no path of names and calls, or none of the author's.
func (r *Reading) Path(source string) string {
	root := rootOf(r.object)
	if root == "" || r.unsure || !strings.Contains(source, root) {
		return ""
	}
	if r.isContent() {
		return "request.content"
	}
	of := r.scene.program.File
	text := of.Source()[int(r.object.Idx0())-of.Base() : int(r.idx)-of.Base()]
	text = lineBreak.ReplaceAllString(strings.TrimRight(text, " \t\r\n.?"), "")
	if len(text) > longestPath || strings.Contains(text, "/*") || strings.Contains(text, "//") || strings.Count(text, "(") != strings.Count(text, ")") {
		return asPrinted(r.object)
	}
	return text
}

// rootOf is the name that a path of names and calls begins with.
func rootOf(expression ast.Expression) string {
	switch n := expression.(type) {
	case *ast.Identifier:
		return n.Name.String()
	case *ast.ThisExpression:
		return "this"
	case *ast.DotExpression:
		return rootOf(n.Left)
	case *ast.BracketExpression:
		return rootOf(n.Left)
	case *ast.CallExpression:
		return rootOf(n.Callee)
	case *ast.Optional:
		return rootOf(n.Expression)
	case *ast.OptionalChain:
		return rootOf(n.Expression)
	}
	return ""
}

// isContent tells whether the object is a variable that was given request.content.
func (r *Reading) isContent() bool {
	name, ok := r.object.(*ast.Identifier)
	if !ok {
		return false
	}
	for _, node := range r.scene.nodes {
		switch n := node.(type) {
		case *ast.Binding:
			if n.Initializer == nil {
				continue
			}
			switch from := asPrinted(n.Initializer); target := n.Target.(type) {
			case *ast.Identifier:
				if target.Name == name.Name && from == "request.content" {
					return true
				}
			case *ast.ObjectPattern:
				if from == "request" && takesContent(target, name) {
					return true
				}
			}
		case *ast.PropertyKeyed:
			if pattern, ok := n.Value.(*ast.ObjectPattern); ok && keyText(n.Key) == "request" && takesContent(pattern, name) {
				return true
			}
		}
	}
	return false
}

// takesContent tells whether a pattern gives the content to a variable.
func takesContent(pattern *ast.ObjectPattern, to *ast.Identifier) bool {
	for _, property := range pattern.Properties {
		switch p := property.(type) {
		case *ast.PropertyShort:
			if p.Name.Name == "content" && to.Name == "content" {
				return true
			}
		case *ast.PropertyKeyed:
			if target, ok := p.Value.(*ast.Identifier); ok && keyText(p.Key) == "content" && target.Name == to.Name {
				return true
			}
		}
	}
	return false
}
