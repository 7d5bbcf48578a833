package scripts

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

func TestANewVersionHasNoPast(t *testing.T) {
	o := &owner{name: "a"}
	first := integrations.ScriptCall{Version: "1", Compiled: "; //! stateless\n"}
	o.meet(first)
	e := &errand{owner: o, call: first}
	for range mostFailures {
		o.judge(e, &reply{err: errors.New("x"), fatal: true}, time.Now())
	}
	if !o.long || !o.throttle.isOn() || !o.stateless {
		t.Errorf("after %d deaths: %+v, want it long, throttled and stateless", mostFailures, o)
	}
	o.meet(integrations.ScriptCall{Version: "2", Compiled: "; //!\n"})
	if o.long || o.throttle.isOn() || o.stateless || o.proven {
		t.Errorf("a new version: %+v, want nothing of the old one", o)
	}
	o.judge(e, &reply{fatal: true, err: errors.New("x")}, time.Now())
	if o.long || o.throttle.failures != 0 {
		t.Errorf("a late end of the old version counts: %+v", o)
	}
	for range mostFailures {
		o.judge(&errand{owner: o, call: integrations.ScriptCall{Version: "2"}}, &reply{err: errors.New("x"), fatal: true}, time.Now())
	}
	if o.meet(first); o.version != "2" || !o.throttle.isOn() {
		t.Errorf("a late call of the old version: %+v, want the new one's throttle untouched", o)
	}
}

func TestWhoCallsOutBeginsLow(t *testing.T) {
	for compiled, want := range map[string]bool{
		"; //! stateless calls\n":     true,
		"; //! store\n":               false,
		"; // nothing to declare\n":   false, // nothing is known
		"; //!\nconst a = '//! calls": false,
	} {
		o := &owner{}
		o.meet(integrations.ScriptCall{Compiled: compiled})
		if o.long != want {
			t.Errorf("%q begins low: %v, want %v", compiled, o.long, want)
		}
	}
}

func TestQuickRunsLeadBack(t *testing.T) {
	o := &owner{}
	o.meet(integrations.ScriptCall{})
	e := func(r run) *errand { return &errand{owner: o, run: r} }
	quick, long := &reply{effort: wire.Effort{Busy: time.Millisecond}}, &reply{effort: wire.Effort{Busy: wire.LongRun}}
	for i, tt := range []struct {
		e    *errand
		r    *reply
		want bool
	}{
		{e(run{}), quick, false},
		{e(run{lowered: true}), quick, true},
		{e(run{}), quick, true},
		{e(run{}), quick, true},
		{e(run{}), long, true},
		{e(run{}), quick, true},
		{e(run{}), quick, true},
		{e(run{}), quick, false},
		{e(run{out: newOutings()}), quick, true},
	} {
		o.judge(tt.e, tt.r, time.Now())
		if o.long != tt.want {
			t.Errorf("after run %d long = %v, want %v", i, o.long, tt.want)
		}
	}
}

func TestAMoveChangesTheVersion(t *testing.T) {
	o := &owner{}
	first, second := &seat{homes: map[*owner]bool{}}, &seat{homes: map[*owner]bool{}}
	o.settle(first, 1)
	a := o.sentVersion("1")
	o.settle(second, 2)
	o.settle(first, 3)
	if b := o.sentVersion("1"); a == b {
		t.Errorf("the version that a former home hears is %q again", b)
	}
	if len(second.homes) != 0 || len(first.homes) != 1 {
		t.Errorf("homes: %v and %v, want the first alone", first.homes, second.homes)
	}
}

// What is remembered of integrations is bounded, also of those that live somewhere.
func TestOwnersAreForgotten(t *testing.T) {
	p := NewPool(Config{Workers: 1})
	s := &seat{homes: make(map[*owner]bool)}
	now := time.Now()
	for i := range 3 * mostOwners {
		o := p.ownerOf(&errand{call: integrations.ScriptCall{Owner: strconv.Itoa(i), Version: "1"}}, now.Add(time.Duration(i)))
		o.settle(s, uint64(i))
		if i == 0 {
			o.open++ // something is under way for ever
		}
	}
	if n := len(p.owners); n > mostOwners || len(s.homes) != n {
		t.Errorf("%d owners are remembered, %d live in the seat; want %d at most, and as many", n, len(s.homes), mostOwners)
	}
	for _, name := range []string{"0", strconv.Itoa(3*mostOwners - 1)} {
		if p.owners[name] == nil {
			t.Errorf("owner %s is forgotten", name)
		}
	}
}

// A letter that is written too late says nothing of the one that was sent after it.
func TestALateLetterDoesNotCount(t *testing.T) {
	p := NewPool(Config{Workers: 1})
	s := &seat{homes: make(map[*owner]bool)}
	e := &errand{owner: &owner{}, seat: s, copies: 1}
	s.post(letter{kind: wire.KindCall, errand: e, copy: 1})
	if !p.beginWriting(s) {
		t.Fatal("nothing to write")
	}
	e.seat = nil // taken back, and sent again
	e.seat, e.copies = s, 2
	s.sending[0].end = 10
	s.letGo()
	s.pipe.Lock()
	p.endWriting(s, 10)
	if e.written {
		t.Error("the errand counts as written, while its second letter waits")
	}
	e.writing.Wait()
}
