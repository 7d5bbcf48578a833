package language

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// lower compiles a text that the engine cannot read as it stands: newer JavaScript, or TypeScript
// where it does not parse as JavaScript. What parses as neither is refused for what is wrong with
// it as JavaScript.
func lower(own rendition, text string, strict bool) (string, *complaint) {
	loader := api.LoaderJS
	result := transform(text, loader, newest)
	if wrong := result.Errors; len(wrong) > 0 {
		loader = api.LoaderTS
		if result = transform(text, loader, newest); len(result.Errors) > 0 {
			return "", complainAbout(wrong[0], own.source)
		}
	}
	if bytes.Contains(result.Code, []byte("class _")) { // esbuild's own name
		result = transform(text, loader, newestNamed)
	}
	compiled, refused := lowered(own, result).finish(strict)
	if refused == nil || refused.final {
		return compiled, refused
	}
	// There is more that the engine lacks than is known, such as fields called get.
	result = transform(text, loader, older)
	if len(result.Errors) == 0 {
		if compiled, refused := lowered(own, result).finish(strict); refused == nil {
			return compiled, nil
		}
	}
	return "", refused
}

// level is what a text is lowered to.
type level struct {
	target api.Target
	format api.Format
	lacks  string
	names  bool
}

var (
	// newest is the engine's own level. Exports stay, so that imports do, too, and are refused.
	newest = level{target: api.ESNext, lacks: "async-generator for-await decorators using top-level-await"}
	// newestNamed keeps the names of all functions and classes, at the cost of a call for each.
	newestNamed = level{target: newest.target, lacks: newest.lacks, names: true}
	// older needs nothing that is newer than await, and turns exports of any form into assignments.
	older = level{target: api.ES2017, format: api.FormatCommonJS, lacks: newest.lacks + " dynamic-import", names: true}
)

// patternFeatures are left to modernPattern, which sees the patterns that are made at run time, too.
const patternFeatures = "regexp-dot-all-flag regexp-lookbehind-assertions regexp-match-indices regexp-named-capture-groups " +
	"regexp-set-notation regexp-sticky-and-unicode-flags regexp-unicode-property-escapes"

func transform(text string, loader api.Loader, to level) api.TransformResult {
	supported := make(map[string]bool)
	for feature := range strings.FieldsSeq(to.lacks) {
		supported[feature] = false
	}
	for feature := range strings.FieldsSeq(patternFeatures) {
		supported[feature] = true
	}
	return api.Transform(text, api.TransformOptions{
		Loader:        loader,
		Target:        to.target,
		Format:        to.format,
		Supported:     supported,
		Sourcefile:    SourceName,
		Sourcemap:     api.SourceMapExternal,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		KeepNames:     to.names,
		LogLevel:      api.LogLevelSilent,
		TsconfigRaw:   "{}",
	})
}

func lowered(own rendition, result api.TransformResult) rendition {
	r := rendition{source: own.source, globals: own.globals}
	r.text, r.exported = withoutExports(strings.TrimSuffix(string(result.Code), "\n"))
	var oneLine bytes.Buffer
	if err := json.Compact(&oneLine, result.Map); err == nil { // esbuild writes JSON
		r.sourceMap = oneLine.String()
	}
	return r
}

// complainAbout words one of esbuild's errors as V8 would.
func complainAbout(wrong api.Message, source string) *complaint {
	c := &complaint{name: "SyntaxError", message: wrong.Text, source: source}
	if panicked, ok := strings.CutPrefix(wrong.Text, "panic: "); ok {
		c.name, c.message = "", "the compiler failed: "+panicked
	}
	if at := wrong.Location; at != nil {
		p := Places{text: source, Source: source}
		c.line, c.column = p.Author(at.Line, at.Column+1)
		c.message = inV8Words(wrong.Text, at)
	}
	return c
}

// inV8Words words the commonest of esbuild's errors as V8 does.
func inV8Words(text string, at *api.Location) string {
	if strings.HasPrefix(text, "Expected ") || strings.HasPrefix(text, "Unexpected ") {
		if strings.HasSuffix(text, "end of file") {
			return unexpected("")
		}
		return unexpected(at.LineText[min(at.Column, len(at.LineText)):])
	}
	for _, w := range syntaxErrors {
		if rest, ok := strings.CutPrefix(text, w.before); ok {
			name, _, _ := strings.Cut(rest, `"`)
			return strings.ReplaceAll(w.v8, "NAME", name)
		}
	}
	return text
}

// syntaxErrors are how esbuild's errors begin and what V8 says. NAME is what stands up to the next
// quotation mark.
var syntaxErrors = []struct{ before, v8 string }{
	{`The symbol "`, "Identifier 'NAME' has already been declared"},
	{"Top-level await ", awaitOutside},
	{`"await" can only be used inside an "async" function`, awaitOutside},
	{"Unterminated string literal", "Invalid or unexpected token"},
	{"Syntax error ", "Invalid or unexpected token"},
	{"Unterminated template literal", "Unterminated template literal"},
	{"Unterminated regular expression", "Invalid regular expression: missing /"},
	{"Invalid assignment target", "Invalid left-hand side in assignment"},
	{`Cannot use "break" here`, "Illegal break statement"},
	{`Cannot use "continue" here`, "Illegal continue statement: no surrounding iteration statement"},
	{`There is no containing label named "`, "Undefined label 'NAME'"},
	{`The constant "`, "Missing initializer in const declaration"},
	{"The JSX syntax extension is not currently enabled", "Unexpected token '<'"},
	{`Private name "`, "Private field 'NAME' must be declared in an enclosing class"},
	{"Invalid regular expression flag ", "Invalid regular expression flags"},
	{"Duplicate flag ", "Invalid regular expression flags"},
	{"Multiple default clauses are not allowed", "More than one default clause in switch statement"},
	{"Classes cannot contain more than one constructor", "A class may only have one constructor"},
	{"Legacy octal literals cannot be used in strict mode", "Octal literals are not allowed in strict mode."},
	{"With statements cannot be used in ", "Strict mode code may not include a with statement"},
	{"Delete of a bare identifier cannot be used in ", "Delete of an unqualified identifier in strict mode."},
}

const awaitOutside = "await is only valid in async functions and the top level bodies of modules"
