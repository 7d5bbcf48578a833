package language

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-sourcemap/sourcemap"
)

// A compiled text is the author's below one line of ours, so that a place in it is the author's
// with one line less. A lowered text has a source map on its last line.
const (
	HeaderLines = 1
	mapMark     = "\n//# map "
)

// CutMap takes the source map off a compiled text.
func CutMap(compiled string) (text, sourceMap string) {
	if !TraitsOf(compiled).Mapped {
		return compiled, ""
	}
	end := strings.LastIndex(compiled, mapMark)
	if end < 0 {
		return compiled, ""
	}
	return compiled[:end], compiled[end+len(mapMark):]
}

// Places finds the author's places for those of a text that the engine was given.
type Places struct {
	above     int    // lines of ours
	text      string // below them
	Source    string // the author's; the text itself where it was not lowered
	sourceMap string
	consumer  *sourcemap.Consumer
}

// PlacesOf reads what a compiled text says of its places.
func PlacesOf(compiled string) *Places {
	text, sourceMap := CutMap(compiled)
	_, text, _ = strings.Cut(text, "\n")
	p := &Places{above: HeaderLines, text: text, Source: text, sourceMap: sourceMap}
	if consumer := p.mapping(); consumer != nil {
		p.Source = consumer.SourceContent(SourceName)
	}
	return p
}

// mapping reads the source map when it is needed first.
func (p *Places) mapping() *sourcemap.Consumer {
	if p.consumer == nil && p.sourceMap != "" {
		p.consumer, _ = sourcemap.Parse("", []byte(p.sourceMap)) // one that cannot be read tells no places
	}
	return p.consumer
}

// Author returns the author's line and column, in characters from 1, zero where there is none.
func (p *Places) Author(line, column int) (int, int) {
	if line <= p.above {
		return 0, 0
	}
	line -= p.above
	before := Line(p.text, line)
	before = before[:min(max(column-1, 0), len(before))]
	if p.sourceMap == "" {
		return line, utf8.RuneCountInString(before) + 1
	}
	consumer := p.mapping()
	if consumer == nil {
		return 0, 0
	}
	_, _, line, units, ok := consumer.Source(line, len(utf16.Encode([]rune(before))))
	if !ok {
		return 0, 0
	}
	return line, characters(Line(p.Source, line), units) + 1
}

// characters counts those in the first units of UTF-16 of a line.
func characters(line string, units int) int {
	n := 0
	for _, r := range line {
		if units -= utf16.RuneLen(r); units < 0 {
			break
		}
		n++
	}
	return n
}

// IsAt reports whether the word stands at a place of the compiled text.
func (p *Places) IsAt(line, column int, word string) bool {
	line, column = p.Author(line, column)
	if line < 1 {
		return false
	}
	text := []rune(Line(p.Source, line))
	return strings.HasPrefix(string(text[min(max(column-1, 0), len(text)):]), word)
}
