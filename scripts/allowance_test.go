package scripts

import "testing"

func TestAllowance(t *testing.T) {
	const most = 4 << 20
	var a allowance
	for range 12 {
		if n := a.grant(most); n != most {
			t.Fatalf("with %d bytes held, an answer may take %d, want %d", a.held, n, most)
		}
	}
	for range 100 { // more than there are at once
		if n := a.grant(most); n < leastGrant || n > most {
			t.Fatalf("with %d bytes held, an answer may take %d", a.held, n)
		}
	}
	if max := int64(mostHeld + 100*leastGrant); a.held > max {
		t.Errorf("%d bytes are held, want %d at most", a.held, max)
	}
	if a.take(1) {
		t.Error("a question found room where there is none")
	}
	a.give(a.held)
	if !a.take(mostHeld) || a.take(1) {
		t.Error("all bytes should be free, and no more")
	}
}
