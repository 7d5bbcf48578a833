//go:build unix

package scripts

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// attended is a pool with one errand, whose worker says what the test writes.
type attended struct {
	pool   *Pool
	seat   *seat
	errand *errand
	worker *os.File
}

func newAttended(t *testing.T) *attended {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	out, worker, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = out.Close(), worker.Close() })
	voice, err := newVoice(out)
	if err != nil {
		t.Fatal(err)
	}
	w := &process{
		cmd: cmd, guard: time.AfterFunc(time.Hour, func() {}), ended: make(chan struct{}), out: out, voice: voice,
		read: wire.Reader{From: bufio.NewReader(out), Max: math.MaxInt64},
	}
	close(w.ended)
	a := &attended{pool: NewPool(Config{Workers: 1}), seat: newSeat(w, shared, nil), worker: worker}
	a.errand = a.send()
	a.pool.seats = []*seat{a.seat}
	return a
}

// send gives the worker one more errand.
func (a *attended) send() *errand {
	now := time.Now()
	e := &errand{
		owner: &owner{name: "a", proven: true}, seat: a.seat, written: true, done: make(chan struct{}),
		run: run{began: now, phase: integrations.PhaseRun},
	}
	a.seat.errands = append(a.seat.errands, e)
	return e
}

// answer says what a worker says at the end of a run.
func (a *attended) answer(t *testing.T) {
	t.Helper()
	w := wire.Writer{To: a.worker}
	w.Begin(wire.KindResult)
	w.Text("1")
	w.Texts(nil)
	wire.Effort{}.Put(&w)
	w.Bytes(nil)
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
}

func TestAttend(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(t *testing.T, a *attended)
		done   bool // the errand is
		failed bool // with an error
		roused bool // the seat's own listener
	}{
		{"answered", func(t *testing.T, a *attended) { a.answer(t) }, true, false, false},
		{"answered beside another", func(t *testing.T, a *attended) {
			a.send()
			a.answer(t)
		}, true, false, true},
		{"nothing comes in time", func(*testing.T, *attended) {}, false, false, true},
		{"the worker ends", func(t *testing.T, a *attended) {
			if err := a.worker.Close(); err != nil {
				t.Fatal(err)
			}
		}, false, false, true},
		{"somebody listens already", func(t *testing.T, a *attended) {
			a.answer(t)
			a.seat.ear.Lock()
			t.Cleanup(a.seat.ear.Unlock)
		}, false, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAttended(t)
			tt.before(t, a)
			a.pool.attend(a.seat, a.errand)
			if done := a.errand.isDone(); done != tt.done || done && (a.errand.err != nil) != tt.failed {
				t.Errorf("done: %v with error %v, want %v, %v", done, a.errand.err, tt.done, tt.failed)
			}
			if roused := len(a.seat.roused) > 0; roused != tt.roused {
				t.Errorf("the seat's listener was roused: %v, want %v", roused, tt.roused)
			}
		})
	}
}

// TestNonsenseWhileAttended holds that the seat's listener goes on with what the caller heard, so that no
// caller waits for a process to be gone.
func TestNonsenseWhileAttended(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(t *testing.T, a *attended)
		done bool // the errand is
	}{
		{"what no worker says", func(t *testing.T, a *attended) {
			w := wire.Writer{To: a.worker}
			if err := w.Send(wire.KindLimits); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a second answer", func(t *testing.T, a *attended) {
			a.answer(t)
			a.answer(t)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAttended(t)
			tt.say(t, a)
			a.pool.attend(a.seat, a.errand)
			if done := a.errand.isDone(); done != tt.done {
				t.Errorf("done: %v, want %v", done, tt.done)
			}
			if err := a.pool.hearAll(a.seat, false); !errors.Is(err, errNonsense) {
				t.Errorf("hearAll = %v, want %v", err, errNonsense)
			}
			a.pool.lost(a.seat, errNonsense)
			if failed := a.errand.isDone() && a.errand.err != nil; failed == tt.done {
				t.Errorf("failed: %v, want %v", failed, !tt.done)
			}
		})
	}
}

// TestLostWhileClosing holds that nothing waits for a pool that is closed.
func TestLostWhileClosing(t *testing.T) {
	a := newAttended(t)
	a.errand.written, a.pool.closed = false, true
	a.pool.lost(a.seat, io.EOF)
	if !a.errand.isDone() || !errors.Is(a.errand.err, ErrClosed) {
		t.Errorf("error = %v, want %v", a.errand.err, ErrClosed)
	}
}

// TestAloneAndBrisk holds who waits awake: who calls again at once while nothing else runs or waits.
func TestAloneAndBrisk(t *testing.T) {
	now := time.Now()
	brisk := owner{proven: true, brief: true, answered: now.Add(-atOnce / 2)}
	for _, tt := range []struct {
		name   string
		change func(p *Pool, o *owner)
		want   bool
	}{
		{"again at once", func(*Pool, *owner) {}, true},
		{"a little later", func(_ *Pool, o *owner) { o.answered = now.Add(-atOnce) }, false},
		{"the last run took longer", func(_ *Pool, o *owner) { o.brief = false }, false},
		{"never called", func(_ *Pool, o *owner) { o.proven = false }, false},
		{"long of late", func(_ *Pool, o *owner) { o.long = true }, false},
		{"another runs", func(p *Pool, _ *owner) { p.running = 1 }, false},
		{"another runs at low priority", func(p *Pool, _ *owner) { p.low = 1 }, false},
		{"a source is compiled", func(p *Pool, _ *owner) { p.compiling.open = 1 }, false},
		{"another waits", func(p *Pool, o *owner) { p.queue.turns = []*owner{o} }, false},
		{"there is one processor", func(p *Pool, _ *owner) { p.processors = 1 }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, o := NewPool(Config{}), brisk
			p.processors = 2
			tt.change(p, &o)
			if got := p.isCalm() && o.isBrisk(now); got != tt.want {
				t.Errorf("waits awake: %v, want %v", got, tt.want)
			}
		})
	}
}
