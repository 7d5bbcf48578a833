package language

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escape reads one that stands outside of classes, and tells whether it may be repeated.
func (p *regexpReader) escape() bool {
	p.check(len(p.text) > 1, `\ at end of pattern`)
	switch c := p.text[1]; {
	case c == 'b' || c == 'B':
		p.text = p.text[2:]
		p.replace(map[byte]string{'b': wordBoundary, 'B': noWordBoundary}[c])
		return false
	case c == 'k' && (p.unicode || len(p.names) > 0):
		p.namedReference()
	case c >= '1' && c <= '9':
		p.reference()
	default:
		p.atom(false)
	}
	return true
}

func (p *regexpReader) namedReference() {
	name, _, ok := strings.Cut(p.text[2:], ">")
	name, named := strings.CutPrefix(name, "<")
	p.check(ok && named, "Invalid named reference")
	p.check(p.names[name], "Invalid named capture referenced")
	p.out.WriteString(p.take(len(`\k<>`) + len(name)))
}

// reference is a number of a group, or else an octal one of a character.
func (p *regexpReader) reference() {
	digits := p.text[1 : len(p.text)-len(strings.TrimLeft(p.text[1:], "0123456789"))]
	if n, err := strconv.Atoi(digits); err == nil && n <= p.groups {
		p.out.WriteString(p.take(1 + len(digits)))
		// What follows must not become part of the number.
		if p.text != "" && p.text[0] >= '0' && p.text[0] <= '9' {
			p.replace("(?:)")
		}
		return
	}
	p.check(!p.unicode, "Invalid escape")
	p.atom(false)
}

// regexpAtom is what one character or escape stands for: a code point, or a set of them.
type regexpAtom struct {
	r     rune
	isSet bool
	text  string // as the engine gets it
	as    bool   // the same as was read
}

// atom writes an escape outside of classes.
func (p *regexpReader) atom(inClass bool) {
	a := p.readEscape(inClass)
	p.out.WriteString(a.text)
	p.changed = p.changed || !a.as
}

// readEscape reads a backslash and what belongs to it.
func (p *regexpReader) readEscape(inClass bool) regexpAtom {
	p.check(len(p.text) > 1, `\ at end of pattern`)
	switch c := p.text[1]; {
	case strings.IndexByte("dDwWsS", c) >= 0:
		return regexpAtom{isSet: true, text: p.take(2), as: true}
	case strings.IndexByte("fnrtv", c) >= 0:
		return regexpAtom{r: map[byte]rune{'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[c], text: p.take(2), as: true}
	case c == 'b' && inClass:
		p.text = p.text[2:]
		return regexpAtom{r: '\b', text: `\x08`}
	case c == 'c':
		return p.controlEscape(inClass)
	case c == 'x' || c == 'u':
		return p.hexEscape(c)
	case c >= '0' && c <= '9':
		return p.octalEscape()
	case (c == 'p' || c == 'P') && p.unicode:
		return p.property(inClass)
	}
	return p.identityEscape(inClass)
}

// identityEscape is a character that stands for itself.
func (p *regexpReader) identityEscape(inClass bool) regexpAtom {
	p.text = p.text[1:]
	r := p.takeRune()
	syntax := strings.ContainsRune(`^$\.*+?()[]{}|/`, r)
	if p.unicode && !syntax {
		permitted := inClass && (r == '-' || p.sets && strings.ContainsRune("&!#%,:;<=>@`~", r))
		p.check(permitted, "Invalid escape")
	}
	if syntax || r == '-' {
		return regexpAtom{r: r, text: `\` + string(r), as: true}
	}
	// Elsewhere a letter behind a backslash may be a command of the engine's.
	return regexpAtom{r: r, text: literal(r)}
}

func (p *regexpReader) controlEscape(inClass bool) regexpAtom {
	var c byte
	if len(p.text) > 2 {
		c = p.text[2]
	}
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	if letter || inClass && !p.unicode && (c >= '0' && c <= '9' || c == '_') {
		p.text = p.text[3:]
		return regexpAtom{r: rune(c % 32), text: literal(rune(c % 32))}
	}
	p.check(!p.unicode, "Invalid Unicode escape")
	p.text = p.text[1:]
	return regexpAtom{r: '\\', text: `\\`}
}

func (p *regexpReader) hexEscape(kind byte) regexpAtom {
	digits := map[byte]int{'x': 2, 'u': 4}[kind]
	if kind == 'u' && p.unicode && strings.HasPrefix(p.text[2:], "{") {
		inner, _, ok := strings.Cut(p.text[3:], "}")
		r, err := strconv.ParseUint(inner, 16, 32)
		p.check(ok && err == nil && r <= utf8.MaxRune, "Invalid Unicode escape")
		p.text = p.text[len(inner)+4:]
		return regexpAtom{r: rune(r), text: literal(rune(r))} //nolint:gosec // checked above
	}
	if len(p.text) >= 2+digits {
		if r, err := strconv.ParseUint(p.text[2:2+digits], 16, 32); err == nil {
			return p.pair(regexpAtom{r: rune(r), text: p.take(2 + digits), as: true}) //nolint:gosec // four digits
		}
	}
	p.check(!p.unicode, map[byte]string{'x': "Invalid escape", 'u': "Invalid Unicode escape"}[kind])
	p.text = p.text[2:]
	return regexpAtom{r: rune(kind), text: string(kind)}
}

// pair joins the two halves of a character beyond \uffff, which are one under the flag u.
func (p *regexpReader) pair(first regexpAtom) regexpAtom {
	if !p.unicode || first.r < 0xD800 || first.r > 0xDBFF || len(p.text) < 6 || !strings.HasPrefix(p.text, `\u`) {
		return first
	}
	second, err := strconv.ParseUint(p.text[2:6], 16, 32)
	if err != nil || second < 0xDC00 || second > 0xDFFF {
		return first
	}
	p.text = p.text[6:]
	r := utf16.DecodeRune(first.r, rune(second))
	return regexpAtom{r: r, text: literal(r)}
}

// octalEscape reads \0 and what Annex B permits besides.
func (p *regexpReader) octalEscape() regexpAtom {
	digits := p.text[1 : len(p.text)-len(strings.TrimLeft(p.text[1:], "0123456789"))]
	if p.unicode {
		p.check(digits[0] == '0', "Invalid escape")
		p.check(digits == "0", "Invalid decimal escape")
	}
	if digits[0] >= '8' {
		p.text = p.text[2:]
		return regexpAtom{r: rune(digits[0]), text: digits[:1]}
	}
	value, n := 0, 0
	for n < len(digits) && n < 3 && digits[n] < '8' && value*8+int(digits[n]-'0') <= 0o377 {
		value = value*8 + int(digits[n]-'0')
		n++
	}
	p.text = p.text[1+n:]
	return regexpAtom{r: rune(value), text: literal(rune(value))}
}

func (p *regexpReader) property(inClass bool) regexpAtom {
	invalid := "Invalid property name"
	if inClass {
		invalid += " in character class"
	}
	negated := p.text[1] == 'P'
	inner, _, ok := strings.Cut(p.text[2:], "}")
	name, braced := strings.CutPrefix(inner, "{")
	p.check(ok && braced, invalid)
	p.check(name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=") == "", invalid)
	set, known := propertySet(name)
	if !known {
		if !isProperty(name) {
			p.fail(invalid)
		}
		p.refuse(`the property \p{` + name + "} of regular expressions is")
	}
	if negated && p.sets && p.ignoreCase {
		p.refuse(`\P together with the regular expression flags v and i is`)
	}
	p.text = p.text[len(inner)+3:]
	if inClass {
		if negated {
			set = set.complement()
		}
		return regexpAtom{isSet: true, text: set.ranges()}
	}
	open := "["
	if negated {
		open = "[^"
	}
	return regexpAtom{isSet: true, text: open + set.ranges() + "]"}
}
