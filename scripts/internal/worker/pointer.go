package worker

import (
	"strings"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// pointer shows the author's line with a caret below the place, and of a long line what stands
// around it. It is empty where the place is unknown.
func pointer(source string, line, column int) string {
	const before, widest = 60, 120
	if line < 1 {
		return ""
	}
	text := []rune(language.Line(source, line))
	at := min(max(column-1, 0), len(text))
	from := 0
	if len(text) > widest {
		from = max(at-before, 0)
	}
	shown := string(text[from:min(from+widest, len(text))])
	var space strings.Builder
	for _, r := range text[from:at] {
		if r != '\t' { // as wide as the one above
			r = ' '
		}
		space.WriteRune(r)
	}
	return shown + "\n" + space.String() + "^"
}
