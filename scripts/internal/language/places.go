package language

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
)

// neverNames are the words that cannot name a variable; a call of a property of such a name is where
// V8 has all calls but those of names.
const neverNames wordList = "break case catch class const continue debugger default delete do else enum export extends " +
	"false finally for function if import in instanceof new null return switch this throw true try typeof var void while with"

// PlaceCall moves the place of a call to where V8 has it: the name in front of its parenthesis, if
// there is one. The engine has all calls at their parentheses.
func PlaceCall(of *file.File, node ast.Node) {
	call, ok := node.(*ast.CallExpression)
	if !ok {
		return
	}
	var name *ast.Identifier
	switch callee := call.Callee.(type) {
	case *ast.SuperExpression:
		call.LeftParenthesis = callee.Idx
		return
	case *ast.Identifier:
		name = callee
	case *ast.DotExpression:
		name = &callee.Identifier
	default:
		return
	}
	begin, end := int(name.Idx)-of.Base(), int(call.LeftParenthesis)-of.Base()
	if begin < 0 || begin > end || end > len(of.Source()) || neverNames.has(name.Name.String()) {
		return
	}
	if !strings.Contains(of.Source()[begin:end], ")") { // (name)()
		call.LeftParenthesis = name.Idx
	}
}
