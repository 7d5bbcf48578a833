package integrations

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

// keptRecords is a store of integrations that counts what is read of it.
type keptRecords struct {
	Store

	records map[string]Integration
	reads   int
}

func (k *keptRecords) Integration(_ context.Context, id string) (Integration, error) {
	k.reads++
	i, ok := k.records[id]
	if !ok {
		return i, workspace.ErrNotFound
	}
	return i, nil
}

func withScript(id, compiled string) Integration {
	return Integration{ID: id, Kind: Incoming, ScriptEnabled: true, Script: new("class Script {}"), ScriptCompiled: &compiled}
}

func TestPrograms(t *testing.T) {
	a, b, c := withScript("a", strings.Repeat("a", 400)), withScript("b", strings.Repeat("b", 400)), withScript("c", strings.Repeat("c", 400))
	kept := &keptRecords{records: map[string]Integration{"a": a, "b": b, "c": c}}
	p := newPrograms()
	p.most = 1000
	for _, i := range []Integration{a, b} {
		p.put(&i)
		if i.Script != nil || i.ScriptCompiled != nil {
			t.Errorf("the record of %s still holds its script", i.ID)
		}
	}
	of := func(i Integration, reads int) {
		t.Helper()
		kept.reads = 0
		version, text, err := p.of(t.Context(), kept, i.ID)
		if err != nil || version != i.version() || text != *i.ScriptCompiled {
			t.Errorf("of(%s) = %q, %.3q, %v", i.ID, version, text, err)
		}
		if kept.reads != reads {
			t.Errorf("of(%s) read %d records, want %d", i.ID, kept.reads, reads)
		}
		if p.bytes > p.most {
			t.Errorf("%d bytes are held, at most %d are to be", p.bytes, p.most)
		}
	}
	of(b, 0)
	of(a, 0)
	p.put(&Integration{ID: "c", ScriptEnabled: true, Script: c.Script, ScriptCompiled: c.ScriptCompiled})
	of(c, 0)
	of(a, 0) // b was not called for longest
	of(b, 1)
	of(b, 0)
	of(a, 0)

	large := withScript("large", strings.Repeat("l", 3000))
	p.put(&large)
	if version, text, err := p.of(t.Context(), kept, "large"); err != nil || version == "" || len(text) != 3000 {
		t.Errorf("of(large) = %q, %d bytes, %v", version, len(text), err)
	}
	if p.recent.Len() != 1 {
		t.Errorf("%d texts are held beside one that is too large", p.recent.Len()-1)
	}
}

func TestProgramsThatChanged(t *testing.T) {
	old, fresh := withScript("a", "old"), withScript("a", "new")
	p := newPrograms()
	p.put(new(old))
	p.letGo(p.byID["a"])
	kept := &keptRecords{records: map[string]Integration{"a": fresh}}
	if version, text, err := p.of(t.Context(), kept, "a"); err != nil || version != fresh.version() || text != "new" {
		t.Errorf("saved elsewhere: %q, %q, %v", version, text, err)
	}
	if p.bytes != 0 {
		t.Error("the index holds the text of another version than its own")
	}
	off := fresh
	off.ScriptEnabled = false
	kept.records["a"] = off
	if _, _, err := p.of(t.Context(), kept, "a"); !errors.Is(err, ErrScriptsBusy) {
		t.Errorf("turned off elsewhere: %v, want ErrScriptsBusy", err)
	}
	delete(kept.records, "a")
	if _, _, err := p.of(t.Context(), kept, "a"); !errors.Is(err, ErrScriptsBusy) {
		t.Errorf("removed elsewhere: %v, want ErrScriptsBusy", err)
	}

	p.put(&off)
	if p.has("a") {
		t.Error("a script that is off counts as one to run")
	}
	p.put(new(old))
	p.remove("a")
	if p.has("a") || p.bytes != 0 || p.recent.Len() != 0 {
		t.Error("something is left of an integration that was removed")
	}
}
