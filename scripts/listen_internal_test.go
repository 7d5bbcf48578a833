package scripts

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
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
