package beside

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	kept := Promise{Text: "no event has two"}
	broken := Promise{Text: "nothing is lost", Against: []string{"a", "b", "c", "d"}}
	tests := []struct {
		name     string
		promises []Promise
		passed   bool
		want     string
	}{
		{"all are kept", []Promise{kept}, true, "PASS  no event has two\n"},
		{"one is not", []Promise{broken, kept}, false, "FAIL  nothing is lost: not 4, such as a, b, c\nPASS  no event has two\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if passed := Report(&out, tt.promises); passed != tt.passed || out.String() != tt.want {
				t.Errorf("Report = %v, %q, want %v, %q", passed, out.String(), tt.passed, tt.want)
			}
		})
	}
}
