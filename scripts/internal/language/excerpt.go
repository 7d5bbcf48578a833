package language

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Excerpt shows the author's lines around a place.
func Excerpt(source string, line, column int) string {
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
		fmt.Fprintf(&out, "\n%c %4d | %s", mark, n, Shorten(Line(source, n), widest))
	}
	if column >= 1 && column <= widest {
		fmt.Fprintf(&out, "\n       | %s^", strings.Repeat(" ", column-1))
	}
	return out.String()
}

// Line returns a line as the engine counts them.
func Line(source string, line int) string {
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
