package clients_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/notify/rocketchat"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/common/model"
)

// alertmanagerYAML is an operator's alertmanager.yml; its blanks are the server's address, and the
// user id and token of who posts.
const alertmanagerYAML = `
route:
  receiver: chat
  group_by: [alertname, cluster]
receivers:
- name: chat
  rocketchat_configs:
  - api_url: %s
    token_id: %s
    token: %s
    channel: '#alerts'
    send_resolved: true
    emoji: ':fire:'
    text: '{{ range .Alerts }}{{ .Annotations.summary }}; {{ end }}'
    fields:
    - title: Severity
      value: '{{ .CommonLabels.severity }}'
      short: true
    actions:
    - type: button
      text: Silence
      url: '{{ .ExternalURL }}/#/silences/new'
`

// TestAlertmanager sends alerts through Alertmanager's own notifier, by a configuration as operators
// write it.
func TestAlertmanager(t *testing.T) {
	s := start(t)
	s.checks("prometheus/alertmanager", "a group of two alerts fires and resolves; a wrong token is told")
	s.call("POST", "channels.create", map[string]any{"name": "alerts"}, nil)
	notifier := func(t *testing.T, token string) *rocketchat.Notifier {
		t.Helper()
		loaded, err := config.Load(fmt.Sprintf(alertmanagerYAML, s.url, s.admin.Get("X-User-Id"), token))
		must(t, err)
		tmpl, err := template.FromGlobs(nil)
		must(t, err)
		tmpl.ExternalURL = &url.URL{Scheme: "http", Host: "alertmanager.example.com"}
		made, err := rocketchat.New(loaded.Receivers[0].RocketchatConfigs[0], tmpl, slog.New(slog.DiscardHandler))
		must(t, err)
		return made
	}
	group := model.LabelSet{"alertname": "DiskFull", "cluster": "eu-1"}
	firing := []*alert.Alert{
		alertOn("db-1", "Disk of db-1 is 97 % full"),
		alertOn("db-2", "Disk of db-2 is 98 % full"),
	}

	t.Run("a group of alerts fires", func(t *testing.T) {
		s := s.in(t)
		retry, err := notifier(t, s.admin.Get("X-Auth-Token")).Notify(grouped(t.Context(), group), firing...)
		if err != nil || retry {
			t.Fatalf("Notify = %t, %v", retry, err)
		}
		got := s.newest("alerts")
		want(t, "emoji", got.Emoji, ":fire:")
		want(t, "number of attachments", len(got.Attachments), 1)
		card := got.Attachments[0]
		wantMember(t, card, "title", "[FIRING:2] DiskFull eu-1 (critical)")
		wantMember(t, card, "title_link", "http://alertmanager.example.com/#/alerts?receiver=chat")
		wantMember(t, card, "text", "Disk of db-1 is 97 % full; Disk of db-2 is 98 % full; ")
		wantMember(t, card, "color", "red")
		wantMember(t, card, "fields", []any{map[string]any{"title": "Severity", "value": "critical", "short": true}})
		wantMember(t, card, "actions", []any{map[string]any{
			"type": "button", "text": "Silence", "url": "http://alertmanager.example.com/#/silences/new",
			"is_webview": false, "msg_in_chat_window": false,
		}})
	})
	t.Run("the group resolves", func(t *testing.T) {
		s := s.in(t)
		for _, a := range firing {
			a.EndsAt = time.Now().Add(-time.Second)
		}
		if retry, err := notifier(t, s.admin.Get("X-Auth-Token")).Notify(grouped(t.Context(), group), firing...); err != nil || retry {
			t.Fatalf("Notify = %t, %v", retry, err)
		}
		card := s.newest("alerts").Attachments[0]
		wantMember(t, card, "color", "green")
		if title := asText(card["title"]); !strings.HasPrefix(title, `"[RESOLVED] DiskFull eu-1`) {
			t.Errorf("title = %s, want a resolved one", title)
		}
	})
	t.Run("with a wrong token", func(t *testing.T) {
		retry, err := notifier(t, "wrong").Notify(grouped(t.Context(), group), firing...)
		if retry || !refused(err, "unexpected status code 401") || !refused(err, "You must be logged in to do this.") {
			t.Errorf("Notify = %t, %v, want 401 and no other try", retry, err)
		}
	})
}

func alertOn(instance, summary string) *alert.Alert {
	now := time.Now()
	return &alert.Alert{UpdatedAt: now, Alert: model.Alert{
		Labels: model.LabelSet{
			"alertname": "DiskFull", "cluster": "eu-1", "severity": "critical", "instance": model.LabelValue(instance),
		},
		Annotations: model.LabelSet{"summary": model.LabelValue(summary)},
		StartsAt:    now.Add(-time.Minute), EndsAt: now.Add(time.Hour), GeneratorURL: "http://prometheus.example.com/graph",
	}}
}

// grouped is the context in which Alertmanager's dispatcher notifies of a group.
func grouped(ctx context.Context, labels model.LabelSet) context.Context {
	ctx = notify.WithGroupKey(ctx, "{}:"+labels.String())
	ctx = notify.WithGroupLabels(ctx, labels)
	ctx = notify.WithReceiverName(ctx, "chat")
	return notify.WithNow(ctx, time.Now())
}
