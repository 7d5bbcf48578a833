package scripts

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
	"github.com/grapnel-chat/grapnel/scripts/internal/worker"
)

// Inspect reads a script, loads it as the first call would, and says what it found. It happens
// where Compile does. What is wrong with the script stands in the report; an error is the pool's.
func (p *Pool) Inspect(ctx context.Context, source integrations.ScriptSource) (Report, error) {
	report, err := p.inspect(ctx, source)
	if fault, ok := errors.AsType[*integrations.ScriptError](err); ok {
		return Report{Findings: []Finding{worker.FaultFinding(fault, source.Text)}}, nil
	}
	return report, err
}

func (p *Pool) inspect(ctx context.Context, source integrations.ScriptSource) (report Report, err error) {
	if int64(len(source.Text)) > p.config.Limits.SourceSize {
		return report, wire.SourceTooLarge(p.config.Limits)
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
