package language

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/grapnel-chat/grapnel/integrations"
)

// SourceName is what the engine calls a script.
const SourceName = "script.js"

// Compile checks an author's text and returns the one to run: below a first line of ours the
// author's own, or what it was lowered to where the engine cannot read it as it stands.
func Compile(source string, strict bool, globals []string) (string, *integrations.ScriptError) {
	source = strings.ToValidUTF8(source, "\ufffd") // esbuild never ends on other texts
	text := withoutHashbang(source)
	own := rendition{source: source, globals: globals}
	own.text, own.exported = withoutExports(text)
	compiled, refused := own.finish(strict)
	if refused != nil && !refused.final {
		compiled, refused = lower(own, text, strict)
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
	exported  string   // the name that is the default export
	globals   []string // what scripts find declared
	sourceMap string   // from text to source; empty where both have their lines and columns in common
}

// finish puts the first line above a rendition and makes sure that the engine takes it.
func (r rendition) finish(strict bool) (string, *complaint) {
	program, err := Parse(r.text)
	if err != nil {
		return "", r.complain(err, 0)
	}
	compiled := r.header(program, strict) + "\n" + r.text
	if _, _, err := executable(compiled); err != nil {
		return "", r.complain(err, HeaderLines)
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
		names := undeclared(program, r.globals)
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
	return line + learned.comment(readsOf(program, r.globals))
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

// Parse reads a text as the engine does, but no file that a comment in it names.
func Parse(text string) (*ast.Program, error) {
	// Without the option a comment in the source makes the parser read a file.
	return parser.ParseFile(nil, SourceName, text, 0, parser.WithDisableSourceMaps)
}

// executable makes a program of a text, with its regular expressions as V8 reads them, and tells those
// that were written otherwise.
func executable(text string) (*goja.Program, []WrittenPattern, error) {
	parsed, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	written, err := modernPatterns(parsed)
	if err != nil {
		return nil, nil, err
	}
	if strings.Contains(text, "catch") {
		wordCatches(parsed)
	}
	program, err := goja.CompileAST(parsed, false)
	return program, written, err
}

// Program makes a compiled text executable, and tells the patterns in it that were written otherwise.
func Program(compiled string) (*goja.Program, []WrittenPattern, *integrations.ScriptError) {
	text, _ := CutMap(compiled)
	program, written, err := executable(text)
	if err != nil {
		return nil, nil, PlacesOf(compiled).Fault(err)
	}
	return program, written, nil
}
