package integrations

import (
	"context"
	"errors"
	"fmt"
	"sync"

	linked "container/list"

	"github.com/grapnel-chat/grapnel/workspace"
)

// mostProgramBytes is how much of compiled scripts is held in memory: those of five hundred busy
// integrations, or some ten of the largest. Authors may save as many scripts as they like, and what
// they save must not stay in the server's memory.
const mostProgramBytes = 4 << 20

// programs are the scripts of the integrations in an index. The compiled texts that were called last
// are at hand, the others are read where they are called.
type programs struct {
	mu     sync.Mutex
	byID   map[string]*program
	recent *linked.List // of *program whose text is held, the latest in front
	bytes  int          // of those texts
	most   int
}

// program is what an integration's script compiled to.
type program struct {
	version string
	text    string          // where held
	held    *linked.Element // nil: it is not
}

func newPrograms() *programs {
	return &programs{byID: map[string]*program{}, recent: linked.New(), most: mostProgramBytes}
}

// put keeps what the record has to run, and strikes the texts out of the record.
func (p *programs) put(i *Integration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(i.ID)
	if i.runnable() {
		made := &program{version: i.version()}
		p.byID[i.ID] = made
		p.hold(made, *i.ScriptCompiled)
	}
	i.Script, i.ScriptCompiled = nil, nil
}

func (p *programs) remove(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(id)
}

func (p *programs) forget(id string) {
	if old, ok := p.byID[id]; ok {
		p.letGo(old)
		delete(p.byID, id)
	}
}

// hold keeps a text, and lets go of those that were not called for longest.
func (p *programs) hold(g *program, text string) {
	p.letGo(g)
	g.text, g.held = text, p.recent.PushFront(g)
	p.bytes += len(text)
	for p.bytes > p.most && p.recent.Len() > 1 {
		oldest, _ := p.recent.Back().Value.(*program)
		p.letGo(oldest)
	}
}

func (p *programs) letGo(g *program) {
	if g.held != nil {
		p.recent.Remove(g.held)
		p.bytes -= len(g.text)
		g.text, g.held = "", nil
	}
}

// has says whether the integration has a script to run.
func (p *programs) has(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byID[id] != nil
}

// of answers the version and the compiled text of an integration's script. Where the store has another
// record than the index by now, that one counts.
func (p *programs) of(ctx context.Context, store Store, id string) (version, text string, err error) {
	if version, text, ok := p.atHand(id); ok {
		return version, text, nil
	}
	i, err := store.Integration(ctx, id)
	switch {
	case errors.Is(err, workspace.ErrNotFound), err == nil && !i.runnable():
		return "", "", ErrScriptsBusy // it was there just now: who comes again finds what is there then
	case err != nil:
		return "", "", fmt.Errorf("read script: %w", err)
	}
	version, text = i.version(), *i.ScriptCompiled
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.byID[id]; g != nil && g.version == version {
		p.hold(g, text)
	}
	return version, text, nil
}

// atHand answers a text that is held.
func (p *programs) atHand(id string) (version, text string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.byID[id]
	if g == nil || g.held == nil {
		return "", "", false
	}
	p.recent.MoveToFront(g.held)
	return g.version, g.text, true
}
