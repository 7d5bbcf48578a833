package worker

import (
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// collator compares texts as people of a locale sort them.
type collator struct {
	locale      locale
	sensitivity string
	numeric     bool
	caseFirst   string
	punctuation bool // is ignored
	compare     goja.Value
	whole       *collate.Collator // all differences
	letters     *collate.Collator // those of case left out
	base        *collate.Collator // those of accents as well
}

func (r *realm) collator(locales, given goja.Value) *collator {
	c := &collator{locale: r.locale(locales)}
	o := r.options(given, "Intl.Collator")
	if o.word("usage", "sort", "sort", "search") != "sort" {
		r.refuse("usage search of Intl.Collator")
	}
	if o.word("collation", "default") != "default" {
		r.refuse("option collation of Intl.Collator")
	}
	c.numeric = o.value("numeric").ToBoolean()
	c.caseFirst = o.word("caseFirst", "false", "upper", "lower", "false")
	c.sensitivity = o.word("sensitivity", "variant", "base", "accent", "case", "variant")
	c.punctuation = o.value("ignorePunctuation").ToBoolean()
	if c.punctuation {
		r.refuse("option ignorePunctuation of Intl.Collator")
	}
	tag := language.Make(c.locale.tag)
	var all []collate.Option
	if c.numeric {
		all = append(all, collate.Numeric)
	}
	c.whole = collate.New(tag, all...)
	c.letters = collate.New(tag, append(all, collate.IgnoreCase)...)
	c.base = collate.New(tag, append(all, collate.Loose)...)
	return c
}

// order is -1, 0 or 1.
func (c *collator) order(a, b string) int {
	switch c.sensitivity {
	case "base":
		return c.base.CompareString(a, b)
	case "accent":
		return c.letters.CompareString(a, b)
	case "case":
		if order := c.base.CompareString(a, b); order != 0 {
			return order
		}
		return c.caseOrder(a, b)
	}
	if c.caseFirst == "upper" {
		if order := c.letters.CompareString(a, b); order != 0 {
			return order
		}
		return c.caseOrder(a, b)
	}
	return c.whole.CompareString(a, b)
}

// caseOrder looks for the first letter that differs in its case.
func (c *collator) caseOrder(a, b string) int {
	lower, upper := -1, 1
	if c.caseFirst == "upper" {
		lower, upper = 1, -1
	}
	one, other := []rune(a), []rune(b)
	for i := range min(len(one), len(other)) {
		isLower := strings.ToUpper(string(one[i])) != string(one[i])
		isUpper := strings.ToLower(string(one[i])) != string(one[i])
		otherLower := strings.ToUpper(string(other[i])) != string(other[i])
		otherUpper := strings.ToLower(string(other[i])) != string(other[i])
		if isLower && otherUpper {
			return lower
		}
		if isUpper && otherLower {
			return upper
		}
	}
	return 0
}

func (r *realm) localeCompare(c goja.FunctionCall) goja.Value {
	text, other := r.textOf(c, "localeCompare"), r.toString(c.Argument(0))
	if goja.IsUndefined(c.Argument(1)) && goja.IsUndefined(c.Argument(2)) {
		return r.runtime.ToValue(r.usualCollator().order(text.String(), other.String()))
	}
	return r.runtime.ToValue(r.collator(c.Argument(1), c.Argument(2)).order(text.String(), other.String()))
}

// usualCollator is the one without arguments, which sorting asks for again and again.
func (r *realm) usualCollator() *collator {
	if r.usual == nil {
		r.usual = r.collator(goja.Undefined(), goja.Undefined())
	}
	return r.usual
}
