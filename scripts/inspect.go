package scripts

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// Inspect reads a script, loads it as the first call would, and says what it found. It happens
// where Compile does. What is wrong with the script stands in the report; an error is the pool's.
func (p *Pool) Inspect(ctx context.Context, source integrations.ScriptSource) (Report, error) {
	report, err := p.inspect(ctx, source)
	if fault, ok := errors.AsType[*integrations.ScriptError](err); ok {
		return Report{Findings: []Finding{faultFinding(fault, source.Text)}}, nil
	}
	return report, err
}

func (p *Pool) inspect(ctx context.Context, source integrations.ScriptSource) (report Report, err error) {
	if int64(len(source.Text)) > p.config.Limits.SourceSize {
		return report, sourceTooLarge(p.config.Limits)
	}
	e := &errand{source: &source, inspects: true, size: len(source.Text), done: make(chan struct{})}
	if err := p.carryOut(ctx, e); err != nil {
		return report, err
	}
	if e.err != nil {
		return report, e.err
	}
	if err := json.Unmarshal([]byte(e.text), &report); err != nil {
		return Report{}, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

func (w *worker) serveInspect(f *frame) error {
	strict, text := f.string() != "", f.string()
	var report Report
	w.monitor.begin(nil, false)
	r := newRealm("", "", w.limits, &w.names)
	w.monitor.watch(r.runtime)
	err := guard(func() error {
		report = r.inspect(text, strict)
		return nil
	})
	took := w.monitor.end()
	if err != nil {
		return w.refuse(integrations.PhaseCompile, err, took, &kept{})
	}
	document, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return w.write.send(kindCompiled, document)
}

// faultFinding is a script's failure as a finding.
func faultFinding(e *integrations.ScriptError, source string) Finding {
	text := e.Message
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	return Finding{
		Level: Fault, Line: e.Line, Column: e.Column, Text: text, Excerpt: pointer(source, e.Line, e.Column),
		Remedy: cmp.Or(e.Remedy, language.Remedy(e)),
	}
}
