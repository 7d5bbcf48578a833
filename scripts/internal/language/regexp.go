package language

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja/ast"
)

// modernPatterns rewrites the regular expressions that stand in a program. It returns those that the
// engine would then show in another way than their author wrote them.
func modernPatterns(program *ast.Program) (written []WrittenPattern, err error) {
	var look func(ast.Node)
	look = func(node ast.Node) {
		PlaceCall(program.File, node)
		literal, ok := node.(*ast.RegExpLiteral)
		if !ok {
			Children(node, look)
			return
		}
		pattern, flags, wrong := ModernPattern(literal.Pattern, literal.Flags)
		if wrong != nil {
			if err == nil {
				err = &misplacedPattern{wrong, program.File.Position(int(literal.Idx) - program.File.Base())}
			}
			return
		}
		if w := (WrittenPattern{Text: literal.Pattern, Engine: pattern, EngineFlags: flags}); w.showsOtherwise() {
			written = append(written, w)
		}
		literal.Pattern, literal.Flags = pattern, flags
	}
	for _, statement := range program.Body {
		look(statement)
	}
	return written, err
}

// ModernPattern rewrites a regular expression so that it means here what it means in V8. The engine
// Has two matchers, which know no properties of Unicode and disagree on word boundaries and ends of
// lines. A pattern that both read well stays as it is. The errors are worded as V8's, or name what
// cannot be had.
func ModernPattern(text, flags string) (pattern, modernFlags string, err error) {
	p := &regexpReader{source: text, text: text, flags: flags}
	if err := p.readFlags(); err != nil {
		return "", "", err
	}
	p.survey()
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case patternError:
			pattern, modernFlags, err = "", "", thrown
		default:
			panic(thrown)
		}
	}()
	if p.unicode && len(p.names) > 0 && !strings.HasPrefix(text, secondMatcher) {
		p.replace(secondMatcher)
	}
	p.read()
	if !p.changed {
		return text, p.modernFlags(), nil
	}
	return p.out.String(), p.modernFlags(), nil
}

// patternError is what is wrong with a regular expression, in the words of V8 or ours.
type patternError struct{ text string }

func (e patternError) Error() string { return e.text }

// ErrFlags stands for flags that no regular expression has. V8 words it in two ways.
var ErrFlags = errors.New("Invalid regular expression flags") //nolint:staticcheck // V8's wording

// regexpReader reads a pattern once and writes the one that the engine gets.
type regexpReader struct {
	source, flags string
	text          string // what is left to read
	out           strings.Builder
	changed       bool

	unicode, sets, multiline, dotAll, ignoreCase bool

	groups int             // capturing ones, in all
	names  map[string]bool // of groups, in all
	seen   map[string]bool // of groups, so far
	open   []regexpGroup
}

type regexpGroup struct{ lookahead, lookbehind bool }

func (p *regexpReader) readFlags() error {
	for i, flag := range p.flags {
		if !strings.ContainsRune("dgimsuvy", flag) || strings.ContainsRune(p.flags[:i], flag) {
			return ErrFlags
		}
		switch flag {
		case 'd':
			return patternError{"the regular expression flag d (hasIndices) is not supported here"}
		case 'u':
			p.unicode = true
		case 'v':
			p.unicode, p.sets = true, true
		case 'm':
			p.multiline = true
		case 's':
			p.dotAll = true
		case 'i':
			p.ignoreCase = true
		}
	}
	if p.sets && strings.Contains(p.flags, "u") {
		return ErrFlags
	}
	return nil
}

// modernFlags has u in place of v: what means something else under u is refused.
func (p *regexpReader) modernFlags() string { return strings.ReplaceAll(p.flags, "v", "u") }

// survey counts the groups and takes their names, which what comes before them may refer to.
func (p *regexpReader) survey() {
	p.names, p.seen = make(map[string]bool), make(map[string]bool)
	inClass := false
	for i := 0; i < len(p.source); i++ {
		switch c := p.source[i]; {
		case c == '\\':
			i++
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '(' && !inClass:
			rest := p.source[i+1:]
			if name, ok := strings.CutPrefix(rest, "?<"); ok && !strings.HasPrefix(name, "=") && !strings.HasPrefix(name, "!") {
				p.groups++
				name, _, _ = strings.Cut(name, ">")
				p.names[name] = true
			} else if !strings.HasPrefix(rest, "?") {
				p.groups++
			}
		}
	}
}

func (p *regexpReader) fail(reason string) {
	panic(patternError{"Invalid regular expression: /" + p.source + "/" + p.flags + ": " + reason})
}

func (p *regexpReader) refuse(what string) { panic(patternError{what + " not supported here"}) }

// check fails where the pattern is not what it has to be.
func (p *regexpReader) check(ok bool, reason string) {
	if !ok {
		p.fail(reason)
	}
}

// take reads the next n bytes.
func (p *regexpReader) take(n int) string {
	taken := p.text[:n]
	p.text = p.text[n:]
	return taken
}

func (p *regexpReader) takeRune() rune {
	r, size := utf8.DecodeRuneInString(p.text)
	p.text = p.text[size:]
	return r
}

// accept reads the given text if it is next.
func (p *regexpReader) accept(text string) bool {
	rest, ok := strings.CutPrefix(p.text, text)
	if ok {
		p.text = rest
	}
	return ok
}

// replace writes something else than was read.
func (p *regexpReader) replace(text string) {
	p.changed = true
	p.out.WriteString(text)
}

// secondMatcher is nothing, but the first of the matchers cannot read it. That one loses the names of
// groups under the flag u where the text goes beyond ASCII.
const secondMatcher = "(?=)"

// Terms that the engine's matchers get wrong.
const (
	// One of them takes letters beyond ASCII for word characters here.
	wordBoundary   = `(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))`
	noWordBoundary = `(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))`
	// Both end lines at \n alone.
	lineStart = `(?:^|(?<=[\r\u2028\u2029]))`
	lineEnd   = `(?:$|(?=[\r\u2028\u2029]))`
	anyInLine = `[^\n\r\u2028\u2029]`
)

// read goes over the terms. repeatable tells whether a quantifier may follow.
func (p *regexpReader) read() {
	repeatable := false
	for p.text != "" {
		switch c := p.text[0]; c {
		case '\\':
			repeatable = p.escape()
		case '[':
			p.class()
			repeatable = true
		case '(':
			p.group()
			repeatable = false
		case ')':
			repeatable = p.groupEnd()
		case '*', '+', '?':
			p.quantifier(repeatable, p.take(1))
			repeatable = false
		case '{':
			repeatable = p.brace(repeatable)
		case '^', '$':
			p.lineEdge(c)
			repeatable = false
		case '|':
			p.out.WriteString(p.take(1))
			repeatable = false
		case '.':
			p.any()
			repeatable = true
		case ']', '}':
			p.check(!p.unicode, "Lone quantifier brackets")
			p.out.WriteString(p.take(1))
			repeatable = true
		default:
			p.out.WriteRune(p.takeRune())
			repeatable = true
		}
	}
	p.check(len(p.open) == 0, "Unterminated group")
}

func (p *regexpReader) lineEdge(edge byte) {
	p.text = p.text[1:]
	switch {
	case !p.multiline:
		p.out.WriteByte(edge)
	case edge == '^':
		p.replace(lineStart)
	default:
		p.replace(lineEnd)
	}
}

// any is changed only along with the rest: the line ends that one matcher misses are rare.
func (p *regexpReader) any() {
	p.text = p.text[1:]
	if p.dotAll {
		p.out.WriteByte('.')
		return
	}
	p.out.WriteString(anyInLine)
}

func (p *regexpReader) group() {
	p.text = p.text[1:]
	p.out.WriteByte('(')
	var g regexpGroup
	switch {
	case !strings.HasPrefix(p.text, "?"):
	case strings.HasPrefix(p.text, "?:"):
		p.out.WriteString(p.take(2))
	case strings.HasPrefix(p.text, "?="), strings.HasPrefix(p.text, "?!"):
		g.lookahead = true
		p.out.WriteString(p.take(2))
	case strings.HasPrefix(p.text, "?<="), strings.HasPrefix(p.text, "?<!"):
		g.lookbehind = true
		p.out.WriteString(p.take(3))
	case strings.HasPrefix(p.text, "?<"):
		p.out.WriteString(p.take(2))
		p.groupName()
	default:
		p.fail("Invalid group")
	}
	p.open = append(p.open, g)
}

func (p *regexpReader) groupName() {
	name, rest, ok := strings.Cut(p.text, ">")
	p.check(ok && isGroupName(name), "Invalid capture group name")
	p.check(!p.seen[name], "Duplicate capture group name")
	p.seen[name] = true
	p.text = rest
	p.out.WriteString(name + ">")
}

func isGroupName(name string) bool {
	for i, r := range name {
		part := r == '$' || r == '_' || unicode.IsLetter(r) || i > 0 && unicode.In(r, unicode.Nd, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Pc)
		if !part {
			return false
		}
	}
	return name != ""
}

// groupEnd tells whether the group may be repeated.
func (p *regexpReader) groupEnd() bool {
	p.check(len(p.open) > 0, "Unmatched ')'")
	g := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	p.out.WriteString(p.take(1))
	if p.text != "" && (strings.ContainsRune("*+?", rune(p.text[0])) || countOf(p.text) != "") {
		p.check(!g.lookbehind && (!g.lookahead || !p.unicode), "Invalid quantifier")
	}
	return true
}

func (p *regexpReader) quantifier(repeatable bool, text string) {
	p.check(repeatable, "Nothing to repeat")
	p.out.WriteString(text)
	if p.accept("?") {
		p.out.WriteByte('?')
	}
}

// brace is a quantifier or, where that is permitted, an ordinary character.
func (p *regexpReader) brace(repeatable bool) bool {
	count := countOf(p.text)
	if count == "" {
		p.check(!p.unicode || !repeatable, "Incomplete quantifier")
		p.check(!p.unicode, "Lone quantifier brackets")
		p.out.WriteString(p.take(1))
		return true
	}
	from, to, _ := strings.Cut(count[1:len(count)-1], ",")
	p.check(repeatable, "Nothing to repeat")
	p.check(to == "" || !longer(from, to), "numbers out of order in {} quantifier")
	p.quantifier(repeatable, p.take(len(count)))
	return false
}

// countOf returns the {n}, {n,} or {n,m} that a text begins with.
func countOf(text string) string {
	if !strings.HasPrefix(text, "{") {
		return ""
	}
	inner, _, ok := strings.Cut(text[1:], "}")
	from, to, _ := strings.Cut(inner, ",")
	if !ok || from == "" || strings.Trim(from+to, "0123456789") != "" {
		return ""
	}
	return text[:len(inner)+2]
}

// longer compares numbers of any length.
func longer(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) > len(b) || len(a) == len(b) && a > b
}

// literal writes a character so that neither matcher takes it for anything else.
func literal(r rune) string {
	switch {
	case r < ' ' || r == 0x7f:
		return `\x` + hex(r, 2)
	case r < utf8.RuneSelf && !isWord(r) && r != ' ':
		return `\x` + hex(r, 2)
	case r >= 0xD800 && r <= 0xDFFF:
		return `\u` + hex(r, 4)
	}
	return string(r)
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func hex(r rune, digits int) string {
	text := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", max(digits-len(text), 0)) + text
}

// isProperty tells whether the name is one of the language's, be it unknown to us.
func isProperty(name string) bool {
	if script, ok := strings.CutPrefix(name, "Script_Extensions="); ok {
		return isScript(script)
	}
	if script, ok := strings.CutPrefix(name, "scx="); ok {
		return isScript(script)
	}
	return slices.Contains(strings.Fields(propertiesWithoutSet), name)
}
