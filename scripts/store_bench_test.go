package scripts_test

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
)

// BenchmarkStore is a warm call of a script that uses Store, beside one of the same script whose Store
// is kept nowhere, as in a trial. The notebook costs nothing, so what is left is the pool's and the
// worker's work.
func BenchmarkStore(b *testing.B) {
	p := startPool(b)
	const read = `class Script { process_incoming_request() { return Store.get('seen') || Store.set('seen', { hooks: 0, names: ['a', 'b'] }); } }`
	const write = `class Script { process_incoming_request() { Store.set('n', (Store.get('n') || 0) + 1); } }`
	for _, bb := range []struct {
		name, source string
		kept         bool
	}{{"read/nowhere", read, false}, {"read/kept", read, true}, {"write/nowhere", write, false}, {"write/kept", write, true}} {
		b.Run(bb.name, func(b *testing.B) {
			call := integrations.ScriptCall{
				Owner: bb.name, Version: "1", Compiled: compiled(b, p, bb.source),
				Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`), Content: []byte(`{}`),
			}
			if bb.kept {
				call.Kept = &notebook{}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Run(b.Context(), call); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
