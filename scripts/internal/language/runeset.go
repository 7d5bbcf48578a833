package language

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// runeSet is a set of code points: ranges in order, with gaps between them.
type runeSet []runeRange

type runeRange struct{ from, to rune }

// union is all that stands in any of the sets.
func union(sets ...runeSet) runeSet {
	all := slices.Concat(sets...)
	slices.SortFunc(all, func(a, b runeRange) int { return int(a.from - b.from) })
	var out runeSet
	for _, r := range all {
		if last := len(out) - 1; last >= 0 && r.from <= out[last].to+1 {
			out[last].to = max(out[last].to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}

// tables reads sets from the tables of Go's.
func tables(list ...*unicode.RangeTable) runeSet {
	var all runeSet
	for _, t := range list {
		for _, r := range t.R16 {
			all = appendStride(all, rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			all = appendStride(all, rune(r.Lo), rune(r.Hi), rune(r.Stride)) //nolint:gosec // code points
		}
	}
	return union(all)
}

func appendStride(set runeSet, from, to, stride rune) runeSet {
	if stride == 1 {
		return append(set, runeRange{from, to})
	}
	for r := from; r <= to; r += stride {
		set = append(set, runeRange{r, r})
	}
	return set
}

func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.from > next {
			out = append(out, runeRange{next, r.from - 1})
		}
		next = r.to + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, runeRange{next, utf8.MaxRune})
	}
	return out
}

func (s runeSet) without(other runeSet) runeSet {
	return union(s.complement(), other).complement()
}

// ranges writes the set as it stands in a class. Halves of characters are left out: no matcher
// finds them alone in a text of characters.
func (s runeSet) ranges() string {
	var out strings.Builder
	for _, r := range s {
		if r.from >= 0xD800 && r.from <= 0xDFFF {
			r.from = 0xE000
		}
		if r.to >= 0xD800 && r.to <= 0xDFFF {
			r.to = 0xD7FF
		}
		if r.from > r.to {
			continue
		}
		out.WriteString(literal(r.from))
		if r.to > r.from {
			out.WriteByte('-')
			out.WriteString(literal(r.to))
		}
	}
	return out.String()
}
