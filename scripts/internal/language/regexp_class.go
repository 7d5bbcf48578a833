package language

import (
	"strings"
	"unicode/utf16"
)

// class reads [...].
func (p *regexpReader) class() {
	p.out.WriteString(p.take(1))
	if p.accept("^") {
		p.out.WriteByte('^')
		if p.sets && p.ignoreCase {
			p.refuse("a negated class together with the regular expression flags v and i is")
		}
	}
	for {
		p.check(p.text != "", "Unterminated character class")
		if p.accept("]") {
			p.out.WriteByte(']')
			return
		}
		p.classRange()
	}
}

func (p *regexpReader) classRange() {
	from := p.classAtom()
	if !strings.HasPrefix(p.text, "-") || strings.HasPrefix(p.text, "-]") || p.text == "-" {
		p.out.WriteString(from.text)
		p.changed = p.changed || !from.as
		return
	}
	if p.sets && strings.HasPrefix(p.text, "--") {
		p.refuse(setNotation)
	}
	p.text = p.text[1:]
	to := p.classAtom()
	if from.isSet || to.isSet {
		p.check(!p.unicode, "Invalid character class")
		p.replace(from.text + `\-` + to.text)
		return
	}
	p.check(from.r <= to.r, "Range out of order in character class")
	p.out.WriteString(from.text + "-" + to.text)
	p.changed = p.changed || !from.as || !to.as
}

func (p *regexpReader) classAtom() regexpAtom {
	p.check(p.text != "", "Unterminated character class")
	if p.text[0] == '\\' {
		return p.readEscape(true)
	}
	if p.sets {
		p.plainUnderSets()
	}
	r := p.takeRune()
	switch {
	case r > 0xFFFF && !p.unicode:
		high, low := utf16.EncodeRune(r)
		p.text = literal(low) + p.text
		return regexpAtom{r: high, text: literal(high)}
	case r == '[': // begins a class of classes to one of the matchers
		return regexpAtom{r: r, text: `\[`}
	case r == '-':
		return regexpAtom{r: r, text: `\-`, as: true}
	}
	return regexpAtom{r: r, text: string(r), as: true}
}

const setNotation = "set notation of the regular expression flag v is"

// plainUnderSets refuses what means something else to the flag v than to u.
func (p *regexpReader) plainUnderSets() {
	double := len(p.text) > 1 && p.text[0] == p.text[1] && strings.IndexByte("&!#$%*+,.:;<=>?@^`~-", p.text[0]) >= 0
	if p.text[0] == '[' || double {
		p.refuse(setNotation)
	}
	p.check(strings.IndexByte("(){}/-|", p.text[0]) < 0, "Invalid character in character class")
}
