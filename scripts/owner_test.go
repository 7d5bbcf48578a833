package scripts

import (
	"errors"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
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
	quick, long := &reply{effort: effort{busy: time.Millisecond}}, &reply{effort: effort{busy: longRun}}
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
	o.settle(first)
	a := o.sentVersion("1")
	o.settle(second)
	o.settle(first)
	if b := o.sentVersion("1"); a == b {
		t.Errorf("the version that a former home hears is %q again", b)
	}
	if len(second.homes) != 0 || len(first.homes) != 1 {
		t.Errorf("homes: %v and %v, want the first alone", first.homes, second.homes)
	}
}
