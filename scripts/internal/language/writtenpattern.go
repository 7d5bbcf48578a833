package language

import "strings"

// WrittenPattern is a regular expression of a script's text that the engine shows in another way: it
// was rewritten, or holds a slash.
type WrittenPattern struct {
	Text        string // the author's
	Engine      string // what the engine got
	EngineFlags string
}

// showsOtherwise tells whether the engine would show a pattern in another way than it was written.
func (w WrittenPattern) showsOtherwise() bool {
	return w.Text != w.Engine || strings.Contains(w.Text, "/")
}
