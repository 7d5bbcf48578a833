package main_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestQuickstart runs every command of docs/quickstart.md against the real server, as `make demo`
// does, and looks for what the page promises.
func TestQuickstart(t *testing.T) {
	available(t, "bash", "curl")
	cmd := exec.CommandContext(t.Context(), "bash", "../../examples/demo.sh")
	cmd.Env = append(os.Environ(), "GRAPNEL_BINARY="+binary)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("demo.sh: %v\n%s", err, out)
	}
	for _, want := range []string{
		`First start: the administrator is "admin".`,
		`"username":"admin"`,                                  // me
		`{"success":true}`,                                    // the hook
		`"alias":"`, `"attachments":[{`, `"avatar":"https://`, // the push as a message
		`received {"bot":false,"trigger_word":"deploy"`, // the receiver got the event
		`admin said: deploy the ledger`,                 // and its answer is in the room
		`"step":"url-response-sent-message"`,            // the history
		`The server stopped with exit code 0.`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the walk does not show %s", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
