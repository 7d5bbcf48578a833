package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/scripts"
)

// checked is a script and what was found in it.
type checked struct {
	name string
	scripts.Report
}

func (c checked) hasProblems() bool { return c.count(scripts.Fault)+c.count(scripts.Doubt) > 0 }

func (c checked) count(level scripts.Level) (n int) {
	for _, f := range c.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// print says what was found, for people and for editors that find their way by file:line:column.
func (c checked) print(to io.Writer) {
	_, _ = fmt.Fprintf(to, "%s: %s\n", printable(c.name), c.verdict())
	if facts := c.facts(); facts != "" {
		_, _ = fmt.Fprintf(to, "  %s\n", facts)
	}
	for _, f := range c.Findings {
		printFinding(to, c.name, f)
	}
}

func (c checked) verdict() string {
	runs := "runs"
	if !c.Runs() {
		runs = "does not run"
	}
	var found []string
	for _, kind := range []struct {
		level     scripts.Level
		one, many string
	}{{scripts.Fault, "error", "errors"}, {scripts.Doubt, "warning", "warnings"}, {scripts.Note, "note", "notes"}} {
		if n := c.count(kind.level); n > 0 {
			found = append(found, counted(n, kind.one, kind.many))
		}
	}
	if len(found) == 0 {
		return runs
	}
	return runs + " (" + strings.Join(found, ", ") + ")"
}

// facts are what one may want to know of a script that has a method to call.
func (c checked) facts() string {
	var list []string
	for _, method := range c.Methods {
		list = append(list, string(method))
	}
	if len(list) == 0 {
		return ""
	}
	facts := []string{strings.Join(list, ", ")}
	for _, fact := range []struct {
		is   bool
		text string
	}{
		{c.Stateless, "keeps nothing between calls"},
		{c.Store, "uses Store"},
		{c.Calls, "calls out"},
		{c.Lowered, "is rewritten for the engine"},
	} {
		if fact.is {
			facts = append(facts, fact.text)
		}
	}
	return strings.Join(facts, "; ")
}

func printFinding(to io.Writer, name string, f scripts.Finding) {
	at := printable(name)
	if f.Line > 0 {
		at += ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
	}
	_, _ = fmt.Fprintf(to, "%s: %s: %s\n", at, f.Level, printable(f.Text))
	if f.Excerpt != "" {
		_, _ = fmt.Fprintln(to, indented(printable(f.Excerpt), "    "))
	}
	if f.Remedy != "" {
		_, _ = fmt.Fprintln(to, indented(printable(f.Remedy), "    "))
	}
}

// summary counts what several reports say.
func summary(all []checked) string {
	broken, doubtful := 0, 0
	for _, one := range all {
		switch {
		case !one.Runs():
			broken++
		case one.hasProblems():
			doubtful++
		}
	}
	return fmt.Sprintf("%s: %d fine, %d with warnings, %d that %s not run",
		counted(len(all), "script", "scripts"), len(all)-broken-doubtful, doubtful, broken, plural(broken, "does", "do"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// checkedJSON is a report for machines.
type checkedJSON struct {
	File      string        `json:"file,omitzero"`
	Runs      bool          `json:"runs"`
	Methods   []string      `json:"methods"`
	Stateless bool          `json:"stateless"`
	Store     bool          `json:"store"`
	Calls     bool          `json:"calls"`
	Lowered   bool          `json:"lowered"`
	Findings  []findingJSON `json:"findings"`
}

type findingJSON struct {
	Level   string `json:"level"`
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"`
	Text    string `json:"text"`
	Excerpt string `json:"excerpt,omitzero"`
	Remedy  string `json:"remedy,omitzero"`
}

func (c checked) shape() checkedJSON {
	j := checkedJSON{
		File: c.name, Runs: c.Runs(), Methods: []string{}, Stateless: c.Stateless, Store: c.Store, Calls: c.Calls, Lowered: c.Lowered,
		Findings: []findingJSON{},
	}
	for _, method := range c.Methods {
		j.Methods = append(j.Methods, string(method))
	}
	for _, f := range c.Findings {
		j.Findings = append(j.Findings, findingJSON{
			Level: string(f.Level), Line: f.Line, Column: f.Column, Text: f.Text, Excerpt: f.Excerpt, Remedy: f.Remedy,
		})
	}
	return j
}

func printChecked(to io.Writer, all []checked) error {
	shapes := make([]checkedJSON, 0, len(all))
	for _, one := range all {
		shapes = append(shapes, one.shape())
	}
	return printJSON(to, map[string]any{"scripts": shapes})
}

// printJSON writes a document that people can read, too.
func printJSON(to io.Writer, document any) error {
	text, err := json.Marshal(document, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = fmt.Fprintf(to, "%s\n", text)
	return err
}
