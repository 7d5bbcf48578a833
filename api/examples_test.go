package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const examples = "../examples/scripts/"

// TestExamples posts what services send to hooks with the scripts of examples, and holds the
// messages against those that stand there. What is no news is answered without a message.
func TestExamples(t *testing.T) {
	t.Parallel()
	s := start(t)
	github := func(event string) map[string]string { return map[string]string{"X-GitHub-Event": event} }
	sentry := func(resource string) map[string]string { return map[string]string{"Sentry-Hook-Resource": resource} }
	tests := []struct {
		script, payload string
		header          map[string]string
		query           string
		message         string // none: nothing is to be posted
	}{
		{"github", "../github-push", github("push"), "", "github-push"},
		{"github", "github-pull-request", github("pull_request"), "", "github-pull-request"},
		{"github", "github-pull-request-merged", github("pull_request"), "", "github-pull-request-merged"},
		{"github", "github-issue", github("issues"), "", "github-issue"},
		{"github", "github-workflow-run", github("workflow_run"), "", "github-workflow-run"},
		{"github", "github-issue", github("star"), "", ""},
		{"gitlab", "gitlab-push", nil, "", "gitlab-push"},
		{"gitlab", "gitlab-merge-request", nil, "", "gitlab-merge-request"},
		{"gitlab", "gitlab-pipeline", nil, "", "gitlab-pipeline"},
		{"jira", "jira-issue-created", nil, "", "jira-issue-created"},
		{"jira", "jira-issue-updated", nil, "", "jira-issue-updated"},
		{"grafana", "grafana-firing", nil, "", "grafana-firing"},
		{"alertmanager", "alertmanager-firing", nil, "", "alertmanager-firing"},
		{"sentry", "sentry-event-alert", sentry("event_alert"), "", "sentry-event-alert"},
		{"sentry", "sentry-event-alert", sentry("installation"), "", ""},
		{"uptime-kuma", "uptime-kuma-down", nil, "", "uptime-kuma-down"},
		{"uptime-kuma", "uptime-kuma-up", nil, "", "uptime-kuma-up"},
		{"uptime-kuma", "uptime-kuma-test", nil, "", "uptime-kuma-test"},
		{"json", "json", nil, "?title=Backups&color=%2300a000", "json"},
	}
	hooks := map[string]hook{}
	for _, tt := range tests {
		if _, made := hooks[tt.script]; !made {
			hooks[tt.script] = s.newScript(example(t, tt.script+".js"))
		}
		t.Run(tt.script+" "+filepath.Base(tt.payload)+" "+tt.message, func(t *testing.T) {
			s := s.in(t)
			header := map[string]string{"Content-Type": "application/json"}
			maps.Copy(header, tt.header)
			before := len(s.messages("GENERAL"))
			body := example(t, filepath.Join("payloads", tt.payload+".json"))
			s.do(request{method: "POST", path: hooks[tt.script].path() + tt.query, body: body, header: header}).says(200, done)
			want := 0
			if tt.message != "" {
				want = 1
				s.postedAs(tt.message)
			}
			if got := len(s.messages("GENERAL")) - before; got != want {
				t.Errorf("posted %d messages, want %d", got, want)
			}
		})
	}
}

// TestExampleRefusals holds that the scripts that know a secret take nothing from those who do not.
func TestExampleRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	gitlab := s.newScript(strings.Replace(example(t, "gitlab.js"), "TOKEN = ''", "TOKEN = 'abc'", 1))
	alertmanager := s.newScript(example(t, "alertmanager.js"))
	push := example(t, "payloads/gitlab-push.json")
	tests := []struct {
		name   string
		hook   hook
		header map[string]string
		body   string
		status int
		answer string
	}{
		{"GitLab without a token", gitlab, nil, push, 400, `{"success":false,"message":"The token is missing or wrong."}`},
		{"GitLab with another token", gitlab, map[string]string{"X-Gitlab-Token": "x"}, push, 400, `{"success":false,"message":"The token is missing or wrong."}`},
		{"GitLab with its token", gitlab, map[string]string{"X-Gitlab-Token": "abc"}, push, 200, done},
		{
			"not Alertmanager", alertmanager, nil, `{"version":"1"}`, 400,
			`{"success":false,"message":"This is no notification of Alertmanager's version 4, but of 1."}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := map[string]string{"Content-Type": "application/json"}
			maps.Copy(header, tt.header)
			s.in(t).do(request{method: "POST", path: tt.hook.path(), body: tt.body, header: header}).says(tt.status, tt.answer)
		})
	}
}

// TestExampleSigned holds that the example takes what is signed with its secret, and nothing else.
func TestExampleSigned(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(example(t, "github-signed.js"))
	push := example(t, "github-push.json")
	mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
	mac.Write([]byte(push))
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	tests := []struct {
		name, signature, body string
		status                int
		answer                string
	}{
		{"signed", signature, push, 200, done},
		{"unsigned", "", push, 400, `{"success":false,"message":"The signature is missing or wrong."}`},
		{"another body", signature, push + " ", 400, `{"success":false,"message":"The signature is missing or wrong."}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.in(t).do(request{method: "POST", path: h.path(), body: tt.body, header: map[string]string{
				"Content-Type": "application/json", "X-GitHub-Event": "push", "X-Hub-Signature-256": tt.signature,
			}}).says(tt.status, tt.answer)
		})
	}
	if got := s.newest("GENERAL")["msg"]; got != "GitHub sent push for northwind-labs/ledger-service" {
		t.Errorf("posted %q", got)
	}
}

// TestExampleBots plays the two bots of examples: one that calls a service and makes a message of
// its answer, and one that answers by itself.
func TestExampleBots(t *testing.T) {
	t.Parallel()
	s := start(t)
	registry := newReceiver(t, told(200, example(t, "payloads/npm-latest.json")), told(404, `"Not Found"`))
	bot := func(script, word string) (id string) {
		return s.listener(registry.url, doc{"scriptEnabled": true, "script": example(t, script), "triggerWords": []any{word}})
	}
	npm, poll := bot("bot-npm.js", "npm"), bot("bot-poll.js", "poll")
	say := func(text string) { s.say(s.admin, "#general", text) }

	say("npm lodash")
	s.attempted(npm, 1)
	s.postedAs("bot-npm")
	if call := registry.next(); call.method != "GET" || call.path != "/lodash/latest" || call.body != "" {
		t.Errorf("the registry got %s %s %q, want GET /lodash/latest without a body", call.method, call.path, call.body)
	}
	say("npm @some/thing")
	s.attempted(npm, 2)
	if got := s.newest("GENERAL")["msg"]; got != "There is no package `@some/thing`." {
		t.Errorf("of an unknown package the bot says %q", got)
	}
	if call := registry.next(); call.path != "/@some%2fthing/latest" {
		t.Errorf("the registry was asked for %s, want /@some%%2fthing/latest", call.path)
	}
	say("npm")
	s.attempted(npm, 3)
	if got := s.newest("GENERAL")["msg"]; got != "Tell me a package: `npm lodash`" {
		t.Errorf("without a package the bot says %q", got)
	}
	say("poll “Lunch?” \"Pizza\" \"Soup\"")
	s.attempted(poll, 1)
	s.postedAs("bot-poll")
	registry.quiet()
}

// postedAs holds that the newest message is the named one.
func (s *server) postedAs(message string) {
	s.t.Helper()
	var want doc
	must(s.t, json.Unmarshal([]byte(example(s.t, "messages/"+message+".json")), &want))
	if d := differ(s.newest("GENERAL"), want); d != "" {
		s.t.Errorf("posted another message (-%s.json +got):\n%s", message, d)
	}
}

func example(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(examples + name)
	must(t, err)
	return string(text)
}
