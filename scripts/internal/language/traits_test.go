package language

import "testing"

func TestTraits(t *testing.T) {
	for _, tt := range []struct {
		line string
		want Traits
	}{
		{"var a, b; //! stateless", Traits{Stateless: true}},
		{"//! store calls mapped", Traits{Store: true, Calls: true, Mapped: true}},
		{"//!", Traits{}},
		{"; // nothing to declare", Traits{Store: true, Calls: true}},
		{"", Traits{Store: true, Calls: true}},
	} {
		if got := TraitsOf(tt.line + "\n//! stateless"); got != tt.want {
			t.Errorf("traitsOf(%q) = %+v, want %+v", tt.line, got, tt.want)
		}
		if got := TraitsOf(tt.want.comment(nil)); got != tt.want {
			t.Errorf("traitsOf(%q) = %+v, want %+v", tt.want.comment(nil), got, tt.want)
		}
	}
}
