package language

import (
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"

	"github.com/grapnel-chat/grapnel/integrations"
)

// complaint is why a text cannot be compiled, placed in the author's text.
type complaint struct {
	name, message string
	source        string
	line, column  int  // zero where the place is unknown
	final         bool // to lower the text would not help
}

func (c *complaint) scriptError() *integrations.ScriptError {
	e := &integrations.ScriptError{
		Phase: integrations.PhaseCompile, Name: c.name, Message: Shorten(c.message, LongestMessage), Line: c.line, Column: c.column,
	}
	e.Remedy = Remedy(e)
	e.Stack = Heading(e) + Excerpt(c.source, c.line, c.column)
	return e
}

// complain words an error of the engine's, found in a text with so many lines above the rendition's.
func (r rendition) complain(err error, above int) *complaint {
	p := Places{above: above, Source: r.source, text: r.text, sourceMap: r.sourceMap}
	return p.complaint(err)
}

// Fault places an error of the parser or the compiler in the author's text.
func (p *Places) Fault(err error) *integrations.ScriptError { return p.complaint(err).scriptError() }

func (p *Places) complaint(err error) *complaint {
	c := &complaint{name: "SyntaxError", source: p.Source}
	var at file.Position
	switch e := err.(type) { //nolint:errorlint // the parser's and compiler's own, never wrapped
	case parser.ErrorList:
		c.message, at = p.worded(e[0]), e[0].Position
		c.final = p.sourceMap != "" && imports(p.at(at))
	case *goja.CompilerSyntaxError:
		c.message, at = e.Message, e.File.Position(e.Offset)
	case *goja.CompilerReferenceError:
		c.name, c.message, at = "ReferenceError", e.Message, e.File.Position(e.Offset)
	case *misplacedPattern:
		c.message, at, c.final = e.Error(), e.at, true
	default:
		c.message = err.Error()
	}
	c.line, c.column = p.Author(at.Line, at.Column)
	return c
}

// imports tells whether a text begins with a word that asks for another module.
func imports(text string) bool { return isWordAt(text, "import") || exportedFrom().MatchString(text) }

// at is the text from a place on.
func (p *Places) at(at file.Position) string {
	line := Line(p.text, at.Line-p.above)
	return line[min(max(at.Column-1, 0), len(line)):]
}

// worded is a parser's error in V8's words.
func (p *Places) worded(e *parser.Error) string {
	rest := p.at(e.Position)
	switch {
	case strings.HasPrefix(rest, "import.meta"):
		return "Cannot use 'import.meta' outside a module"
	case isWordAt(rest, "import") && strings.HasPrefix(strings.TrimLeft(rest[len("import"):], " \t"), "("):
		return "import() is not supported"
	case isWordAt(rest, "import"):
		return "Cannot use import statement outside a module"
	case isWordAt(rest, "export"):
		return "Unexpected token 'export'"
	case strings.HasPrefix(e.Message, "Unexpected token") && !strings.Contains(e.Message, "ILLEGAL"):
		return unexpected(rest)
	case e.Message == "Unexpected identifier":
		return unexpected(rest)
	case strings.HasPrefix(e.Message, "Unexpected token ILLEGAL"):
		return "Invalid or unexpected token"
	}
	return e.Message
}

// misplacedPattern is a regular expression that cannot be had, and where it stands.
type misplacedPattern struct {
	error

	at file.Position
}
