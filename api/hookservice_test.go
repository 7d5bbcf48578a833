package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHookService(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.made(s.admin, newIncoming(doc{"username": "admin"})) // disabled, which does not matter here
	path := func(what string) string {
		return "/hooks/" + what + "/" + made["_id"].(string) + "/anybody/" + made["token"].(string)
	}
	for _, unknown := range []string{
		path("sample") + "x", path("info") + "x", "/hooks/sample/" + made["_id"].(string) + "/" + made["token"].(string), "/hooks/add/x", "/hooks/remove/x/y",
	} {
		for _, method := range []string{"GET", "POST"} {
			a := s.do(request{method: method, path: unknown})
			isShort := strings.Count(unknown, "/") < 5
			if isShort || method == "GET" {
				a.says(500, "Internal Server Error")
			} else {
				a.is(404)
			}
		}
	}
	s.get(account{}, "/hooks/add1f/token").says(500, "Internal Server Error") // an id that begins like a word

	t.Run("sample", func(t *testing.T) {
		s := s.in(t)
		var samples []doc
		must(t, json.Unmarshal([]byte(s.get(account{}, path("sample")).is(200).body), &samples))
		if len(samples) != 3 {
			t.Fatalf("%d samples, want 3", len(samples))
		}
		if d := differ(samples[1], doc{"channel_name": "general", "user_name": "rocket.cat", "text": "Sample text 2", "trigger_word": "Sample"}); d != "" {
			t.Errorf("second sample (-want +got):\n%s", d)
		}
		if token, _ := samples[0]["token"].(string); len(token) != 24 {
			t.Errorf("token %q has not 24 characters", token)
		}
	})
	t.Run("info", func(t *testing.T) { s.in(t).get(account{}, path("info")).says(200, done) })
	t.Run("add", func(t *testing.T) {
		s := s.in(t)
		add := func(change doc) answer {
			t.Helper()
			return s.post(account{}, path("add"), changed(doc{"event": "newMessageOnChannel", "name": "zap", "target_url": "https://example.com/zap"}, change))
		}
		channel := add(doc{"data": doc{"channel_name": "general", "trigger_words": "deploy"}}).is(200).doc()
		if d := differ(channel, doc{
			"success": true, "type": "webhook-outgoing", "event": "sendMessage", "channel": []any{"#general"}, "username": "rocket.cat",
			"enabled": true, "urls": []any{"https://example.com/zap"}, "name": "zap", "triggerWords": []any{"deploy"},
		}); d != "" {
			t.Errorf("for a channel (-want +got):\n%s", d)
		}
		user := add(doc{"event": "newMessageToUser", "data": doc{"username": "@rocket.cat"}}).is(200).doc()
		if d := differ(user, doc{"channel": []any{"@rocket.cat"}, "enabled": false}); d != "" {
			t.Errorf("for a user (-want +got):\n%s", d)
		}
		add(doc{"event": "newMessageToUser"}).fails(400, "[username-required]", "username-required")
		add(doc{"event": "other"}).fails(400, "must be equal to one of the allowed values [invalid-params]", "invalid-params")
		add(doc{"extra": 1}).fails(400, extra+" [invalid-params]", "invalid-params")
		s.grant("manage-outgoing-integrations")
		s.grant("manage-own-outgoing-integrations")
		if got := add(nil).is(400).text("errorType"); got != "not_authorized" {
			t.Errorf("errorType %s, want not_authorized", got)
		}
	})
	t.Run("remove", func(t *testing.T) {
		s := s.in(t)
		s.post(account{}, path("remove"), doc{"target_url": "https://example.com/zap"}).says(200,
			`{"statusCode":400,"body":{"success":false,"error":"integration-not-found"},"success":true}`)
		s.post(account{}, path("remove"), doc{}).fails(400, missing("target_url")+" [invalid-params]", "invalid-params")
	})
}
