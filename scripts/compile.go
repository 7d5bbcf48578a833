package scripts

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"

	"github.com/grapnel-chat/grapnel/integrations"
)

// A compiled text is the author's below one line of ours, so that a place in it is the author's
// with one line less.
const headerLines = 1

// compile checks an author's text and returns the one to run. Unless it is strict, every name that
// is assigned but nowhere declared is declared in front: Rocket.Chat's own compiler lets such
// assignments pass even in a class body, and one script in eight has some.
func compile(source string, strict bool) (string, *integrations.ScriptError) {
	program, fault := parse(source, source, 0)
	if fault != nil {
		return "", fault
	}
	text := header(program, strict) + "\n" + source
	if _, fault := compileProgram(text); fault != nil {
		return "", fault
	}
	return text, nil
}

// header is a statement in any case where the text is not strict: upstream, other statements come
// before the author's, and "use strict" at its top has no effect.
func header(program *ast.Program, strict bool) string {
	if strict {
		return "// strict"
	}
	names := undeclared(program)
	if len(names) == 0 {
		return "; // nothing to declare"
	}
	return "var " + strings.Join(names, ", ") + "; // assigned without a declaration"
}

// compileProgram makes a compiled text executable.
func compileProgram(text string) (*goja.Program, *integrations.ScriptError) {
	_, source, _ := strings.Cut(text, "\n")
	parsed, fault := parse(text, source, headerLines)
	if fault != nil {
		return nil, fault
	}
	program, err := goja.CompileAST(parsed, false)
	if err != nil {
		return nil, compileError(err, source, headerLines)
	}
	return program, nil
}

func parse(text, source string, above int) (*ast.Program, *integrations.ScriptError) {
	// Without the option a comment in the source makes the parser read a file.
	program, err := parser.ParseFile(nil, sourceName, text, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, compileError(err, source, above)
	}
	return program, nil
}

// compileError places a parser's or compiler's error in the author's text.
func compileError(err error, source string, above int) *integrations.ScriptError {
	e := &integrations.ScriptError{Phase: integrations.PhaseCompile, Name: "SyntaxError", Message: err.Error()}
	var at file.Position
	if list, ok := errors.AsType[parser.ErrorList](err); ok && len(list) > 0 {
		e.Message, at = list[0].Message, list[0].Position
	} else if syntax, ok := errors.AsType[*goja.CompilerSyntaxError](err); ok {
		e.Message, at = syntax.Message, syntax.File.Position(syntax.Offset)
	} else if reference, ok := errors.AsType[*goja.CompilerReferenceError](err); ok {
		e.Name, e.Message, at = "ReferenceError", reference.Message, reference.File.Position(reference.Offset)
	}
	e.Message = shorten(e.Message, longestMessage)
	if at.Line > above {
		e.Line, e.Column = place(source, at.Line-above, at.Column)
	}
	e.Stack = heading(e) + excerpt(source, e.Line, e.Column)
	return e
}

// authorPlace turns a place in a compiled text into one in the author's.
func authorPlace(text string, line, column int) (int, int) {
	_, source, _ := strings.Cut(text, "\n")
	if line <= headerLines {
		return 0, 0
	}
	return place(source, line-headerLines, column)
}

// place turns a column counted in bytes into one counted in characters.
func place(source string, line, column int) (int, int) {
	text := lineOf(source, line)
	before := text[:min(max(column-1, 0), len(text))]
	return line, utf8.RuneCountInString(before) + 1
}

// lineOf returns a line as the engine counts them.
func lineOf(source string, line int) string {
	for ; line > 1; line-- {
		next := strings.IndexAny(source, "\n\r\u2028\u2029")
		if next < 0 {
			return ""
		}
		_, width := utf8.DecodeRuneInString(source[next:])
		if strings.HasPrefix(source[next:], "\r\n") {
			width = 2
		}
		source = source[next+width:]
	}
	if end := strings.IndexAny(source, "\n\r\u2028\u2029"); end >= 0 {
		source = source[:end]
	}
	return source
}

// excerpt shows the author's lines around a place.
func excerpt(source string, line, column int) string {
	const around, widest = 2, 160
	if line < 1 {
		return ""
	}
	var out strings.Builder
	for n := max(line-around, 1); n <= line; n++ {
		mark := ' '
		if n == line {
			mark = '>'
		}
		fmt.Fprintf(&out, "\n%c %4d | %s", mark, n, shorten(lineOf(source, n), widest))
	}
	if column <= widest {
		fmt.Fprintf(&out, "\n       | %s^", strings.Repeat(" ", column-1))
	}
	return out.String()
}
