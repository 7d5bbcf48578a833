package scripts

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestAWorkerThatIsSlowToEnd holds that nobody waits for a process to be gone: one that lets go of its
// pipes may take long to let go of its memory.
func TestAWorkerThatIsSlowToEnd(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^$")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }() // it is killed
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(Config{Workers: 1})
		o := &owner{name: "a"}
		s := &seat{process: &process{cmd: cmd, guard: time.AfterFunc(time.Hour, func() {}), ended: make(chan struct{})}}
		e := &errand{owner: o, seat: s, written: true, done: make(chan struct{}), run: run{began: time.Now(), phase: integrations.PhaseRun}}
		s.errands, p.seats = []*errand{e}, []*seat{s}
		begin := time.Now()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			p.lost(s, io.EOF)
		}()
		<-e.done
		if took := time.Since(begin); took != slowEnd || e.err == nil {
			t.Errorf("answered after %v with %v, want an error after %v", took, e.err, slowEnd)
		}
		close(s.process.ended)
		<-gone
	})
}

// TestReadReply holds that a reply is read as a worker writes it: what it is about, then what the run took,
// then what has changed in Store.
func TestReadReply(t *testing.T) {
	took := wire.Effort{Took: 1, Busy: 2, Memory: 3}
	changed := []integrations.ScriptValue{{Key: "a", Value: []byte("1")}, {Key: "gone"}}
	fault := &integrations.ScriptError{Phase: integrations.PhaseRun, Message: "m", Console: []string{"x"}}
	for _, tt := range []struct {
		name string
		put  func(*wire.Writer)
		want reply
	}{
		{"result", func(w *wire.Writer) {
			w.Begin(wire.KindResult)
			w.Text("1")
			w.Texts([]string{"said"})
		}, reply{result: integrations.ScriptResult{Value: []byte("1"), Console: []string{"said"}, Took: 1, Memory: 3}}},
		{"no such method", func(w *wire.Writer) {
			w.Begin(wire.KindMissing)
			w.Bytes(nil)
			w.Texts(nil)
		}, reply{result: integrations.ScriptResult{Missing: true, Took: 1, Memory: 3}}},
		{"failure", func(w *wire.Writer) { wire.PutFailure(w, fault) }, reply{err: fault}},
		{"stopped", func(w *wire.Writer) {
			wire.PutFailure(w, fault)
			w.Flag(wire.FlagHalted)
		}, reply{err: fault, halted: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var pipe bytes.Buffer
			w := wire.Writer{To: &pipe}
			tt.put(&w)
			took.Put(&w)
			w.Bytes(wire.EncodeValues(changed))
			if err := w.End(); err != nil {
				t.Fatal(err)
			}
			f, err := (&wire.Reader{From: bufio.NewReader(&pipe), Max: 1 << 10}).Read()
			if err != nil {
				t.Fatal(err)
			}
			got, ok := readReply(&f)
			tt.want.effort, tt.want.changed = took, changed
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(reply{})); diff != "" || !ok || f.Bad {
				t.Errorf("reply differs (-want +got), bad = %v:\n%s", f.Bad, diff)
			}
		})
	}
}
