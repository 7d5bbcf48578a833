package scripts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// errKeptTooMuch is what no worker asks for; only a broken one does.
var errKeptTooMuch = fmt.Errorf("the script's process would keep more than %s in Store", wire.SizeText(wire.StoreSize))

// keeping lets calls of scripts that use Store wait for each other, owner by owner: each is handed
// what is kept, and what it changed is saved before the next one begins.
type keeping struct {
	most int // calls that may wait for one owner's turn

	mu    sync.Mutex
	lines map[string]*keepingLine
}

type keepingLine struct {
	turn  chan struct{}
	calls int // who wait, and who has the turn
}

// enter waits for the owner's turn; leave gives it back.
func (k *keeping) enter(ctx context.Context, owner string, latest time.Time, closing <-chan struct{}) error {
	line, err := k.join(owner)
	if err != nil {
		return err
	}
	select { // most find nobody there
	case line.turn <- struct{}{}:
		return nil
	default:
	}
	late := time.NewTimer(time.Until(latest))
	defer late.Stop()
	select {
	case line.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-late.C:
		err = integrations.ErrScriptsBusy
	case <-closing:
		err = ErrClosed
	}
	k.quit(owner)
	return err
}

func (k *keeping) leave(owner string) {
	k.mu.Lock()
	line := k.lines[owner]
	k.mu.Unlock()
	<-line.turn
	k.quit(owner)
}

func (k *keeping) join(owner string) (*keepingLine, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	line := k.lines[owner]
	if line == nil {
		line = &keepingLine{turn: make(chan struct{}, 1)}
		k.lines[owner] = line
	}
	if line.calls > k.most {
		return nil, integrations.ErrScriptsBusy
	}
	line.calls++
	return line, nil
}

// quit forgets the line once nobody is in it.
func (k *keeping) quit(owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if line := k.lines[owner]; line.calls > 1 {
		line.calls--
		return
	}
	delete(k.lines, owner)
}

// runKeeping carries out a call of a script that uses Store.
func (p *Pool) runKeeping(ctx context.Context, e *errand) (integrations.ScriptResult, error) {
	if err := p.refusal(e.call); err != nil {
		return integrations.ScriptResult{}, err
	}
	e.latest = time.Now().Add(p.config.Limits.Wait)
	if err := p.keeping.enter(ctx, e.call.Owner, e.latest, p.closing); err != nil {
		return integrations.ScriptResult{}, err
	}
	defer p.keeping.leave(e.call.Owner)
	values, err := e.call.Kept.Load(ctx)
	if err != nil {
		return integrations.ScriptResult{}, fmt.Errorf("load what a script keeps: %w", err)
	}
	e.kept = wire.EncodeValues(values)
	e.size += len(e.kept)
	result, err := p.run(ctx, e)
	if len(e.changed) == 0 {
		return result, err
	}
	if saving := p.save(ctx, e, values); saving != nil {
		return integrations.ScriptResult{}, p.unsaved(ctx, e, saving)
	}
	return result, err
}

// refusal is how a throttled owner's call is answered without waiting for others of the owner.
func (p *Pool) refusal(call integrations.ScriptCall) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owners[call.Owner]
	if o == nil || o.version != call.Version {
		return nil
	}
	err := o.throttle.refuses(time.Now())
	if err == nil { // not the pointer, which would be an error that is nil
		return nil
	}
	p.counts.refusals++
	return err
}

// save keeps what a run has changed. That the caller is gone meanwhile does not undo it.
func (p *Pool) save(ctx context.Context, e *errand, before []integrations.ScriptValue) error {
	if err := checkKept(before, e.changed); err != nil {
		return err
	}
	return e.call.Kept.Save(context.WithoutCancel(ctx), e.changed)
}

// unsaved is what the caller hears where nothing could be saved: the script's own failure, if there
// is one.
func (p *Pool) unsaved(ctx context.Context, e *errand, saving error) error {
	saving = fmt.Errorf("save what a script keeps: %w", saving)
	if e.err == nil {
		return saving
	}
	p.config.Logger.ErrorContext(ctx, "script values not saved", "integration_id", e.call.Owner, "error", saving)
	return e.err
}

// checkKept holds a worker to the limit that it enforces itself, since what is in a worker may have
// broken it.
func checkKept(before, changed []integrations.ScriptValue) error {
	sizes := make(map[string]int, len(before)+len(changed))
	was := 0
	for _, v := range before {
		sizes[v.Key] = len(v.Key) + len(v.Value)
		was += sizes[v.Key]
	}
	is := was
	for _, v := range changed {
		is -= sizes[v.Key]
		sizes[v.Key] = 0
		if v.Value != nil {
			sizes[v.Key] = len(v.Key) + len(v.Value)
		}
		is += sizes[v.Key]
	}
	// Several servers together may have kept more.
	if is > max(was, wire.StoreSize) {
		return errKeptTooMuch
	}
	return nil
}
