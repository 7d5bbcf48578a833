package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRunScriptCallsOut has a script call a server on this machine, which only the flag permits.
func TestRunScriptCallsOut(t *testing.T) {
	calls := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"path":"` + r.URL.Path + `"}`))
	}))
	defer receiver.Close()
	folder := t.TempDir()
	file := filepath.Join(folder, "calls.js")
	script := `class Script {
		async process_incoming_request({ request }) {
			const { result, error } = HTTP('GET', '` + receiver.URL + `/first');
			let text = error ? 'HTTP: ' + error.message : 'HTTP: ' + result.data.path;
			try {
				text += ', fetch: ' + (await (await fetch('` + receiver.URL + `/second')).json()).path;
			} catch (e) {
				text += ', fetch: ' + e.cause.code;
			}
			return { content: { text } };
		}
	}`
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(flags ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), binary, append([]string{"run-script", file}, flags...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("run-script %v: %v\n%s", flags, err, out)
		}
		return string(out)
	}
	if got := run("--allow", "127.0.0.1"); !strings.Contains(got, "text         HTTP: /first, fetch: /second\n") || calls != 2 {
		t.Errorf("with --allow after %d calls:\n%s", calls, got)
	}
	if got := run(); !strings.Contains(got, "fetch: REFUSED\n") || !strings.Contains(got, "127.0.0.1") || calls != 2 {
		t.Errorf("without --allow after %d calls:\n%s", calls, got)
	}
}
