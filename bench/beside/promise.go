package beside

import (
	"fmt"
	"io"
	"strings"
)

// Promise is one that a server makes, with what speaks against it.
type Promise struct {
	Text    string
	Against []string
}

// Report prints what became of each promise, and says whether all were kept.
func Report(out io.Writer, promises []Promise) bool {
	kept := true
	for _, p := range promises {
		if len(p.Against) == 0 {
			_, _ = fmt.Fprintf(out, "PASS  %s\n", p.Text)
			continue
		}
		kept = false
		_, _ = fmt.Fprintf(out, "FAIL  %s: not %d, such as %s\n", p.Text, len(p.Against), strings.Join(p.Against[:min(3, len(p.Against))], ", "))
	}
	return kept
}
