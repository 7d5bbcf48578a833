package scripts

import "github.com/grapnel-chat/grapnel/scripts/internal/wire"

// Report is what can be said of a script before it is called.
type Report = wire.Report

// Finding is one thing found in a script.
type Finding = wire.Finding

// Level says how much a finding matters.
type Level = wire.Level

// A fault keeps the script from running, a doubt is likely a mistake, and a note is neither.
const (
	Fault = wire.Fault
	Doubt = wire.Doubt
	Note  = wire.Note
)
