package api

import (
	"github.com/grapnel-chat/grapnel/integrations"
)

type lastRunJSON struct {
	LastError *lastErrorJSON   `json:"lastError,omitzero"`
	Runs      []runJSON        `json:"runs,omitzero"`
	Throttled *throttledJSON   `json:"throttled,omitzero"`
	Syntax    *scriptErrorJSON `json:"scriptError,omitzero"`
}

// throttledJSON says that a script is not run for a while.
type throttledJSON struct {
	Until string `json:"until"`
	Cause string `json:"cause"`
}

type lastErrorJSON struct {
	At      string   `json:"at"`
	Method  string   `json:"method"`
	Name    string   `json:"name,omitzero"`
	Message string   `json:"message"`
	Line    int      `json:"line,omitzero"`
	Column  int      `json:"column,omitzero"`
	Stack   string   `json:"stack,omitzero"`
	Console []string `json:"console,omitzero"`
	Remedy  string   `json:"remedy,omitzero"`
}

// runJSON is the latest run of a method.
type runJSON struct {
	Method  string   `json:"method"`
	At      string   `json:"at"`
	Outcome string   `json:"outcome"`
	Took    float64  `json:"took,omitzero"` // milliseconds
	Memory  int64    `json:"memory,omitzero"`
	Error   string   `json:"error,omitzero"`
	Console []string `json:"console"`
}

func toLastRunJSON(l integrations.LastRun) lastRunJSON {
	var j lastRunJSON
	if e := l.Failure; e != nil {
		j.LastError = &lastErrorJSON{
			At: isoTime(e.At), Method: string(e.Method), Name: e.Name, Message: e.Message, Line: e.Line, Column: e.Column, Stack: e.Stack,
			Console: e.Console, Remedy: e.Remedy,
		}
	}
	if l.Syntax != nil {
		j.Syntax = new(scriptErrorJSON(*l.Syntax))
	}
	if t := l.Throttled; t != nil {
		j.Throttled = &throttledJSON{Until: isoTime(t.Until), Cause: t.Cause}
	}
	if len(l.Runs) > 0 {
		j.Runs = each(l.Runs, toRunJSON)
	}
	return j
}

func toRunJSON(r integrations.Run) runJSON {
	return runJSON{
		Method: string(r.Method), At: isoTime(r.At), Outcome: string(r.Outcome), Took: milliseconds(r.Took), Memory: r.Memory,
		Error: r.Error, Console: each(r.Console, itself),
	}
}

func itself(line string) string { return line }
