package scripts

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/grapnel-chat/grapnel/integrations"
)

// compile checks an author's text and returns the one to run: below a first line of ours the
// author's own, or what it was lowered to where the engine cannot read it as it stands.
func compile(source string, strict bool) (string, *integrations.ScriptError) {
	source = strings.ToValidUTF8(source, "\ufffd") // esbuild never ends on other texts
	text := withoutHashbang(source)
	own := rendition{source: source}
	own.text, own.exported = withoutExports(text)
	compiled, refused := own.finish(strict)
	if refused != nil && !refused.final {
		compiled, refused = lower(source, text, strict)
	}
	if refused != nil {
		return "", refused.scriptError()
	}
	return compiled, nil
}

// withoutHashbang makes a comment of a first line that only the top of a file may hold.
func withoutHashbang(source string) string {
	if rest, ok := strings.CutPrefix(source, "#!"); ok {
		return "//" + rest
	}
	return source
}

// rendition is a text that may be run in place of what the author wrote.
type rendition struct {
	source    string // the author's
	text      string
	exported  string // the name that is the default export
	sourceMap string // from text to source; empty where both have their lines and columns in common
}

// finish puts the first line above a rendition and makes sure that the engine takes it.
func (r rendition) finish(strict bool) (string, *complaint) {
	program, err := parse(r.text)
	if err != nil {
		return "", r.complain(err, 0)
	}
	compiled := r.header(program, strict) + "\n" + r.text
	if _, _, err := executable(compiled); err != nil {
		return "", r.complain(err, headerLines)
	}
	if r.sourceMap != "" {
		compiled += mapMark + r.sourceMap
	}
	return compiled, nil
}

// header declares every name that is assigned but nowhere declared, unless the text is strict:
// Rocket.Chat's own compiler lets such assignments pass even in a class body, and one script in
// eight has some. It is a statement in any case then: upstream, other statements come before the
// author's, and "use strict" at its top has no effect.
func (r rendition) header(program *ast.Program, strict bool) string {
	learned := learn(program, r)
	declared := r.module(program)
	if !strict {
		names := undeclared(program)
		if len(declared) > 0 {
			names = slices.DeleteFunc(names, func(name string) bool { return name == "exports" })
		}
		declared = append(names, declared...)
	}
	line := "; "
	switch {
	case len(declared) > 0 && strict && isStrict(program):
		line = `"use strict"; var ` + strings.Join(declared, ", ") + "; "
	case len(declared) > 0:
		line = "var " + strings.Join(declared, ", ") + "; "
	case strict:
		line = ""
	}
	return line + learned.comment()
}

// isStrict tells whether a program begins with "use strict".
func isStrict(program *ast.Program) bool {
	for _, statement := range program.Body {
		directive, ok := statement.(*ast.ExpressionStatement)
		if !ok {
			return false
		}
		text, ok := directive.Expression.(*ast.StringLiteral)
		if !ok {
			return false
		}
		if text.Value == "use strict" {
			return true
		}
	}
	return false
}

func parse(text string) (*ast.Program, error) {
	// Without the option a comment in the source makes the parser read a file.
	return parser.ParseFile(nil, sourceName, text, 0, parser.WithDisableSourceMaps)
}

// executable makes a program of a text, with its regular expressions as V8 reads them, and tells those
// that were written otherwise.
func executable(text string) (*goja.Program, []writtenPattern, error) {
	parsed, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	written, err := modernPatterns(parsed)
	if err != nil {
		return nil, nil, err
	}
	program, err := goja.CompileAST(parsed, false)
	return program, written, err
}

// compileProgram makes a compiled text executable.
func compileProgram(compiled string) (*goja.Program, []writtenPattern, *integrations.ScriptError) {
	text, _ := cutMap(compiled)
	program, written, err := executable(text)
	if err != nil {
		return nil, nil, placesOf(compiled).complaint(err).scriptError()
	}
	return program, written, nil
}
