package language

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// mostExports bounds how often a text is parsed for its exports.
const mostExports = 30

// withoutExports puts blanks in place of the words "export" and "export default", so that what is
// exported is declared as in any script and all columns stay. The parser finds the words: it stops
// at them. What is exported by default under another name than Script is returned, too. A text
// that holds another form is left as it is from there on.
func withoutExports(source string) (text, exported string) {
	text = source
	for range mostExports {
		_, err := Parse(text)
		list, ok := err.(parser.ErrorList) //nolint:errorlint // never wrapped
		if !ok {
			break
		}
		at := offsetOf(text, list[0].Position.Line, list[0].Position.Column)
		blank, name, ok := withoutExport(text[at:])
		if !ok {
			break
		}
		text = text[:at] + blank
		if name != "" {
			exported = name
		}
	}
	return text, exported
}

// All are matched where the parser has found the word export where a statement may begin.
var (
	exportedFrom     = lazily(`^export\s*(?:\*|\{[^}]*\}\s*from\b)`)
	exportedDefault  = lazily(`^export([ \t]+)default\b`)
	namedDeclaration = lazily(`^export[ \t]+default[ \t]+(?:async[ \t]+)?(?:class|function)\b[ \t]*\*?[ \t]*([\pL_$][\pL\pN_$]*)`)
)

// lazily leaves an expression alone until it is needed: most workers never need it.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// withoutExport takes one off the beginning of a text.
func withoutExport(text string) (blank, exported string, ok bool) {
	if !isWordAt(text, "export") || exportedFrom().MatchString(text) {
		return "", "", false
	}
	words := exportedDefault().FindString(text)
	if words == "" {
		return "      " + text[len("export"):], "", true
	}
	if declared := namedDeclaration().FindStringSubmatch(text); declared != nil && declared[1] != "extends" {
		if declared[1] == "Script" {
			declared[1] = ""
		}
		return strings.Repeat(" ", len(words)) + text[len(words):], declared[1], true
	}
	// An expression, or a class or function without a name.
	const assignment = "module.exports="
	width := len(words) + 1 // with what follows
	if len(text) <= width || !strings.ContainsAny(text[len(words):width], " \t") {
		return "", "", false
	}
	return assignment + strings.Repeat(" ", width-len(assignment)) + text[width:], "", true
}

// offsetOf turns a line and a column in bytes, both from 1, into an offset.
func offsetOf(text string, line, column int) int {
	rest := text
	for ; line > 1; line-- {
		current := Line(rest, 1)
		_, after, _ := cutLine(rest[len(current):])
		rest = after
	}
	return min(len(text)-len(rest)+column-1, len(text))
}

// cutLine takes the end of a line off the beginning of a text.
func cutLine(text string) (end, rest string, ok bool) {
	for _, end := range []string{"\r\n", "\n", "\r", "\u2028", "\u2029"} {
		if rest, ok := strings.CutPrefix(text, end); ok {
			return end, rest, true
		}
	}
	return "", text, false
}

// module declares what a script exports to, where it does: elsewhere a library that was pasted in
// would take its presence for that of a module system.
func (r rendition) module(program *ast.Program) []string {
	top := topLevel(program)
	if r.exported != "" {
		return []string{"module = { exports: { get default() { return " + r.exported + "; } } }", "exports = module.exports"}
	}
	if top["module"] || top["exports"] || !exports(program) {
		return nil
	}
	return []string{"module = { exports: {} }", "exports = module.exports"}
}

// topLevel are the names that a program declares.
func topLevel(program *ast.Program) map[string]bool {
	a := &Walker{Found: make(map[string]bool)}
	a.Scope = a.Inner()
	for _, declaration := range program.DeclarationList {
		a.declareAll(declaration.List)
	}
	a.declareIn(program.Body)
	return a.Scope.declared
}

// exports tells whether a program assigns to module.exports or exports outside of functions.
func exports(program *ast.Program) bool {
	found := false
	var look func(ast.Node)
	look = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral:
			return
		case *ast.AssignExpression:
			found = found || isExports(n.Left)
		}
		Children(node, look)
	}
	for _, statement := range program.Body {
		look(statement)
	}
	return found
}

// isExports recognises exports.x, module.exports and module.exports.x.
func isExports(target ast.Expression) bool {
	var path []string
	for {
		switch t := target.(type) {
		case *ast.DotExpression:
			path = append(path, t.Identifier.Name.String())
			target = t.Left
			continue
		case *ast.BracketExpression:
			path = append(path, "")
			target = t.Left
			continue
		case *ast.Identifier:
			path = append(path, t.Name.String())
		}
		break
	}
	slices.Reverse(path)
	return len(path) > 1 && (path[0] == "exports" || path[0] == "module" && path[1] == "exports")
}

// FindClass is how the class is found once the top level has run: by its name, as upstream does, or
// among what was exported.
const FindClass = `typeof Script === 'function' ? Script
	: typeof module !== 'object' || module === null || !module.exports ? undefined
	: typeof module.exports === 'function' ? module.exports
	: typeof module.exports.default === 'function' ? module.exports.default
	: module.exports.Script`
