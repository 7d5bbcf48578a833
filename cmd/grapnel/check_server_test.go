package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// living is a server that answers as Rocket.Chat's list does, and records what it was asked.
type living struct {
	*httptest.Server
	integrations []map[string]any
	busy         int // requests to refuse first, as a rate limit does

	mu    sync.Mutex
	asked []string
}

func startLiving(t *testing.T, l *living) *living {
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

// heard answers which requests came, in order.
func (l *living) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

func (l *living) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	if l.busy > 0 {
		l.busy--
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	if r.Header.Get("X-User-Id") != "reader" || r.Header.Get("X-Auth-Token") != "s3cret" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"status":"error","message":"You must be logged in to do this."}`)
		return
	}
	answer := map[string]any{"success": true}
	switch r.URL.Path {
	case "/chat/api/v1/integrations.list":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		count, _ := strconv.Atoi(r.URL.Query().Get("count"))
		var page []map[string]any
		for _, i := range l.integrations[min(offset, len(l.integrations)):min(offset+count, len(l.integrations))] {
			listed := map[string]any{}
			for name, value := range i {
				if name != "script" || i["listed"] == true {
					listed[name] = value
				}
			}
			page = append(page, listed)
		}
		answer["integrations"], answer["total"] = page, len(l.integrations)
	case "/chat/api/v1/integrations.get":
		for _, i := range l.integrations {
			if i["_id"] == r.URL.Query().Get("integrationId") {
				answer["integration"] = i
			}
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// check runs check-script against a server and answers what it printed, complained of and ended with.
func check(t *testing.T, at string, env []string, args ...string) (printed, complaint string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"check-script", "--url", at}, args...)...)
	cmd.Env = append([]string{"ROCKETCHAT_USER_ID=reader", "ROCKETCHAT_TOKEN=s3cret"}, env...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), complaints.String(), cmd.ProcessState.ExitCode()
}

const goodScript = "class Script { process_incoming_request({ request }) { return { content: { text: request.content.a } }; } }"

func TestCheckServerAsksAndChangesNothing(t *testing.T) {
	var all []map[string]any
	for n := range 230 { // three pages
		all = append(all, map[string]any{"_id": fmt.Sprint("id", n), "name": fmt.Sprint("plain ", n), "type": "webhook-incoming", "enabled": true, "scriptEnabled": false})
	}
	all[0] = map[string]any{"_id": "id0", "name": "Broken\x1b[31m", "type": "webhook-incoming", "enabled": false, "scriptEnabled": true, "script": "class Script {"}
	all[150] = map[string]any{"_id": "id150", "name": "Listed", "type": "webhook-incoming", "enabled": true, "scriptEnabled": true, "listed": true, "script": goodScript}
	all[229] = map[string]any{
		"_id": "id229", "name": "Caller", "type": "webhook-outgoing", "enabled": true, "scriptEnabled": false,
		"urls": []string{"https://10.1.2.3/hook?key=hidden", "http://localhost:9/", "https://jenkins/x", "https://93.184.216.34/", "https://example.com/", "nonsense"},
	}
	l := startLiving(t, &living{integrations: all, busy: 2})
	printed, complaint, code := check(t, l.URL+"/chat/", nil)
	if code != 1 || complaint != "" {
		t.Errorf("exit code %d, complaint %q", code, complaint)
	}
	for _, want := range []string{
		"(incoming id0, disabled): its script does not run (1 error)\n",
		"  script:1:15: error: SyntaxError: Unexpected end of input\n",
		"Listed (incoming id150): its script runs\n  process_incoming_request; keeps nothing between calls\n",
		"plain 1 (incoming id1): no script\n",
		"  warning: it calls 10.1.2.3, which is not public (private): needs OUTGOING_ALLOW=10.1.2.3\n",
		"  warning: it calls localhost, which is not public (loopback): needs OUTGOING_ALLOW=localhost\n",
		"  warning: it calls jenkins, which sounds private: needs OUTGOING_ALLOW=jenkins\n",
		"  warning: one of its URLs is no valid http or https address\n",
		"230 integrations at " + l.URL + "/chat: 1 with a script that does not run here, 1 that calls private addresses.\n",
		"OUTGOING_ALLOW=10.1.2.3,jenkins,localhost would permit the calls to them.\n",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in\n%s", want, printed)
		}
	}
	for _, secret := range []string{"s3cret", "hidden", "\x1b", "93.184", "example.com"} {
		if strings.Contains(printed+complaint, secret) {
			t.Errorf("%q is in what was printed", secret)
		}
	}
	list, get := "GET /chat/api/v1/integrations.list", "GET /chat/api/v1/integrations.get"
	if want := []string{list, list, list, list, list, get}; !slices.Equal(l.heard(), want) {
		t.Errorf("the server was asked %q, want %q", l.heard(), want)
	}
}

func TestCheckServerAllowed(t *testing.T) {
	l := startLiving(t, &living{integrations: []map[string]any{
		{"_id": "a", "name": "A", "type": "webhook-outgoing", "enabled": true, "scriptEnabled": true, "script": goodScript, "urls": []string{"http://10.1.2.3/", "http://jenkins.lan/"}},
	}})
	printed, complaint, code := check(t, l.URL+"/chat", []string{"OUTGOING_ALLOW=10.0.0.0/8,jenkins.lan"}, "--json")
	var report struct {
		Integrations []struct {
			ID      string `json:"_id"`
			Private []any
			Script  struct {
				Runs    bool
				Methods []string
			}
		}
		OutgoingAllow []string
	}
	if err := json.Unmarshal([]byte(printed), &report); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v: %s%s", code, err, printed, complaint)
	}
	one := report.Integrations[0]
	if one.ID != "a" || len(one.Private) != 0 || !one.Script.Runs || !slices.Equal(one.Script.Methods, []string{"process_incoming_request"}) || len(report.OutgoingAllow) != 0 {
		t.Errorf("report = %+v", report)
	}
}

func TestCheckServerComplains(t *testing.T) {
	l := startLiving(t, &living{})
	tests := []struct{ name, at, env, want string }{
		{"wrong token", l.URL + "/chat", "ROCKETCHAT_TOKEN=wr0ng", "integrations.list with 401: You must be logged in to do this. (the user id or the token is wrong, or the token has expired)"},
		{"another site", l.URL, "", "integrations.list with 404 (is this the URL of a Rocket.Chat?)"},
		{"nobody there", "http://127.0.0.1:1", "", "connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, complaint, code := check(t, tt.at, []string{tt.env})
			if code != 1 || !strings.Contains(complaint, tt.want) || strings.Contains(complaint, "wr0ng") {
				t.Errorf("exit code %d, %q, want %q", code, complaint, tt.want)
			}
		})
	}
}

func TestCheckServerVerifiesCertificates(t *testing.T) {
	l := &living{}
	l.Server = httptest.NewTLSServer(l)
	t.Cleanup(l.Close)
	if _, complaint, code := check(t, l.URL+"/chat", nil); code != 1 || !strings.Contains(complaint, "certificate") {
		t.Errorf("exit code %d, %q, want the certificate refused", code, complaint)
	}
	if asked := l.heard(); len(asked) != 0 {
		t.Errorf("an unverified server was asked %q", asked)
	}
	if printed, complaint, code := check(t, l.URL+"/chat", nil, "--insecure"); code != 0 {
		t.Errorf("--insecure: exit code %d, %s%s", code, printed, complaint)
	}
}

// TestCheckServerReadsGrapnel checks the integrations of a real server, which is the same API.
func TestCheckServerReadsGrapnel(t *testing.T) {
	p := serve(t, t.TempDir())
	p.login(p.password)
	p.makeHook(map[string]any{"name": "Good", "scriptEnabled": true, "script": goodScript})
	p.makeHook(map[string]any{"name": "Bad", "scriptEnabled": true, "script": "const x = require('x');\n" + goodScript})
	env := []string{"ROCKETCHAT_USER_ID=" + p.admin["X-User-Id"], "ROCKETCHAT_TOKEN=" + p.admin["X-Auth-Token"]}
	printed, complaint, code := check(t, p.url, env)
	if code != 1 || !strings.Contains(printed, "script:1:11: error: require is not defined") || !strings.Contains(printed, "its script runs") ||
		!strings.Contains(printed, "2 integrations at "+p.url+": 1 with a script that does not run here, 0 that call private addresses.") {
		t.Errorf("exit code %d\n%s%s", code, printed, complaint)
	}
	if strings.Contains(printed+complaint, p.admin["X-Auth-Token"]) {
		t.Error("the token was printed")
	}
}
