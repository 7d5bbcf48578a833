package scripts

import "testing"

// TestIdleSeatHoldsNothing holds that what was sent to a worker, and what came back, is nobody's once it
// is answered: a server has many workers that are idle, and a call may have megabytes.
func TestIdleSeatHoldsNothing(t *testing.T) {
	s := &seat{}
	o := &owner{}
	for range 3 {
		s.errands = append(s.errands, &errand{owner: o, seat: s})
		s.post(letter{errand: s.errands[0]})
	}
	s.withdraw()
	s.pop()
	for _, e := range s.errands[:cap(s.errands)] {
		if e != nil {
			t.Error("an errand is held that was withdrawn or answered")
		}
	}
	s.unsent = s.unsent[:0]
	s.post(letter{errand: &errand{owner: o}})
	s.unsend()
	for _, l := range s.unsent[:1] {
		if l.errand != nil {
			t.Error("a letter is held that was struck")
		}
	}

	p := &process{}
	p.write.Text(string(make([]byte, keptForWorker+1)))
	p.giveBack()
	if p.write.Buf != nil {
		t.Errorf("a buffer of %d bytes is kept", cap(p.write.Buf))
	}
	p.write.Text("short")
	p.giveBack()
	if cap(p.write.Buf) == 0 || len(p.write.Buf) > 0 {
		t.Error("a small buffer is not used again")
	}
}
