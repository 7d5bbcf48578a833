package scripts

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// lower compiles a text that the engine cannot read as it stands: newer JavaScript, or TypeScript
// where it does not parse as JavaScript. What parses as neither is refused for what is wrong with
// it as JavaScript.
func lower(source, text string, strict bool) (string, *complaint) {
	loader := api.LoaderJS
	result := transform(text, loader, newest)
	if wrong := result.Errors; len(wrong) > 0 {
		loader = api.LoaderTS
		if result = transform(text, loader, newest); len(result.Errors) > 0 {
			return "", complainAbout(wrong[0], source)
		}
	}
	if bytes.Contains(result.Code, []byte("class _")) { // esbuild's own name
		result = transform(text, loader, newestNamed)
	}
	compiled, refused := lowered(source, result).finish(strict)
	if refused == nil || refused.final {
		return compiled, refused
	}
	// There is more that the engine lacks than is known, such as fields called get.
	result = transform(text, loader, older)
	if len(result.Errors) == 0 {
		if compiled, refused := lowered(source, result).finish(strict); refused == nil {
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
		Sourcefile:    sourceName,
		Sourcemap:     api.SourceMapExternal,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		KeepNames:     to.names,
		LogLevel:      api.LogLevelSilent,
		TsconfigRaw:   "{}",
	})
}

func lowered(source string, result api.TransformResult) rendition {
	r := rendition{source: source}
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
		p := places{text: source, source: source}
		c.line, c.column = p.author(at.Line, at.Column+1)
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
		if w.esbuild.MatchString(text) {
			return w.esbuild.ReplaceAllString(text, w.v8)
		}
	}
	return text
}

var syntaxErrors = []struct {
	esbuild *regexp.Regexp
	v8      string
}{
	{regexp.MustCompile(`^The symbol "(.*)" has already been declared$`), "Identifier '$1' has already been declared"},
	{regexp.MustCompile(`^Top-level await .*`), "await is only valid in async functions and the top level bodies of modules"},
	{regexp.MustCompile(`^"await" can only be used inside an "async" function$`), "await is only valid in async functions and the top level bodies of modules"},
	{regexp.MustCompile(`^(Unterminated string literal|Syntax error .*|Expected "\*/" to terminate multi-line comment)$`), "Invalid or unexpected token"},
	{regexp.MustCompile(`^Unterminated regular expression$`), "Invalid regular expression: missing /"},
	{regexp.MustCompile(`^Invalid assignment target$`), "Invalid left-hand side in assignment"},
	{regexp.MustCompile(`^Cannot use "break" here.*`), "Illegal break statement"},
	{regexp.MustCompile(`^Cannot use "continue" here.*`), "Illegal continue statement: no surrounding iteration statement"},
	{regexp.MustCompile(`^There is no containing label named "(.*)"$`), "Undefined label '$1'"},
	{regexp.MustCompile(`^The constant "(.*)" must be initialized$`), "Missing initializer in const declaration"},
	{regexp.MustCompile(`^The JSX syntax extension is not currently enabled$`), "Unexpected token '<'"},
	{regexp.MustCompile(`^"(.*)" is a reserved word and cannot be used in .*`), "Unexpected strict mode reserved word"},
	{regexp.MustCompile(`^Private name "(.*)" must be declared in an enclosing class$`), "Private field '$1' must be declared in an enclosing class"},
	{regexp.MustCompile(`^Invalid regular expression flag .*|^Duplicate flag .* in regular expression$`), "Invalid regular expression flags"},
	{regexp.MustCompile(`^Multiple default clauses are not allowed$`), "More than one default clause in switch statement"},
	{regexp.MustCompile(`^Classes cannot contain more than one constructor$`), "A class may only have one constructor"},
}
