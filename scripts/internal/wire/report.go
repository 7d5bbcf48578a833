package wire

import "github.com/grapnel-chat/grapnel/integrations"

// Report is what can be said of a script before it is called.
type Report struct {
	// Methods are those that the server calls and the class has, in the order in which they are
	// called.
	Methods []integrations.ScriptMethod
	// Stateless is a script that keeps nothing from call to call.
	Stateless bool
	Store     bool // mentions Store
	Calls     bool // mentions HTTP, fetch or serverFetch
	Lowered   bool // rewritten, as the engine does not read its syntax: TypeScript, above all
	Findings  []Finding
}

// Runs reports whether the server would run it: it loads, and nothing that it is bound to miss was
// found.
func (r Report) Runs() bool {
	for _, f := range r.Findings {
		if f.Level == Fault {
			return false
		}
	}
	return true
}

// Level says how much a finding matters.
type Level string

// A fault keeps the script from running, a doubt is likely a mistake, and a note is neither.
const (
	Fault Level = "error"
	Doubt Level = "warning"
	Note  Level = "note"
)

// Finding is one thing found in a script.
type Finding struct {
	Level        Level
	Line, Column int // in the author's text, from 1; zero where it is about the whole
	Text         string
	Excerpt      string // the author's line, and a caret below the place; empty where there is none
	Remedy       string // empty where none is known
}
