package language

import (
	"unicode/utf8"

	"github.com/grapnel-chat/grapnel/integrations"
)

// What a script says of itself in an error is cut at these lengths, in bytes.
const (
	LongestMessage = 4 << 10
	LongestName    = 100
)

// Heading is the first line of an error's stack.
func Heading(e *integrations.ScriptError) string {
	switch {
	case e.Name == "":
		return e.Message
	case e.Message == "":
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// Shorten cuts a text between two characters.
func Shorten(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	for longest > 0 && !utf8.RuneStart(text[longest]) {
		longest--
	}
	return text[:longest] + "…"
}
