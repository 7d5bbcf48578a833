package scripts

import "testing"

func TestTraits(t *testing.T) {
	for _, tt := range []struct {
		line string
		want traits
	}{
		{"var a, b; //! stateless", traits{stateless: true}},
		{"//! store calls mapped", traits{store: true, calls: true, mapped: true}},
		{"//!", traits{}},
		{"; // nothing to declare", traits{store: true, calls: true}},
		{"", traits{store: true, calls: true}},
	} {
		if got := traitsOf(tt.line + "\n//! stateless"); got != tt.want {
			t.Errorf("traitsOf(%q) = %+v, want %+v", tt.line, got, tt.want)
		}
		if got := traitsOf(tt.want.comment()); got != tt.want {
			t.Errorf("traitsOf(%q) = %+v, want %+v", tt.want.comment(), got, tt.want)
		}
	}
}
