package scripts

import "github.com/grapnel-chat/grapnel/scripts/internal/engine"

// Report is what can be said of a script before it is called.
type Report = engine.Report

// Finding is one thing found in a script.
type Finding = engine.Finding

// Level says how much a finding matters.
type Level = engine.Level

// A fault keeps the script from running, a doubt is likely a mistake, and a note is neither.
const (
	Fault = engine.Fault
	Doubt = engine.Doubt
	Note  = engine.Note
)
