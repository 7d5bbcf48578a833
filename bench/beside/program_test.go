package beside

import (
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
)

func TestProgramStatus(t *testing.T) {
	tests := []struct {
		name             string
		asked, went      error
		passed           bool
		want             int
		said, complained string
	}{
		{"passed", nil, nil, true, 0, "ran with -x", ""},
		{"did not pass", nil, nil, false, 1, "ran with -x", ""},
		{"could not run", nil, errors.New("no server"), true, 1, "ran with -x", "crush: no server\n"},
		{"asked for help", flag.ErrHelp, nil, true, 0, "", ""},
		{"asked for nonsense", errors.New("kills must be positive"), nil, true, 1, "", "crush: kills must be positive\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Program[string]{
				Name:  "crush",
				Parse: func(args []string, _ io.Writer) (string, error) { return args[0], tt.asked },
				Run: func(_ context.Context, o string, out io.Writer) (bool, error) {
					_, _ = io.WriteString(out, "ran with "+o)
					return tt.passed, tt.went
				},
			}
			var out, complaints strings.Builder
			if got := p.status(t.Context(), []string{"-x"}, &out, &complaints); got != tt.want {
				t.Errorf("status = %d, want %d", got, tt.want)
			}
			if out.String() != tt.said || complaints.String() != tt.complained {
				t.Errorf("printed %q and %q, want %q and %q", out.String(), complaints.String(), tt.said, tt.complained)
			}
		})
	}
}
