package integrations

import "testing"

func TestIsRelayed(t *testing.T) {
	tests := []struct {
		name, agent, body string
		want              bool
	}{
		{"Rocket.Chat", "", `{"token":"t","bot":false,"channel_id":"c","channel_name":"general","message_id":"m","timestamp":"2026-01-01T00:00:00.000Z","user_id":"u","user_name":"ada","text":"hi","siteUrl":"https://chat.example"}`, true},
		{"Mattermost", "Go-http-client/1.1", `{"token":"t","team_id":"x","channel_id":"c","channel_name":"town","timestamp":1,"user_id":"u","user_name":"ada","post_id":"p","text":"hi"}`, true},
		{"a body of a script's, called as ever", userAgent, `{"text":"hi"}`, true},
		{"an alert", "Alertmanager/0.27.0", `{"status":"firing","alerts":[{"labels":{"channel_id":"c","channel_name":"x","user_id":"u","user_name":"n"}}]}`, false},
		{"a message for the hook", "curl/8", `{"text":"hi","channel_id":"c"}`, false},
		{"ids that are no texts", "curl/8", `{"channel_id":1,"channel_name":"x","user_id":2,"user_name":"n"}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := HookRequest{Header: map[string]string{"user-agent": tt.agent}}
			in, err := readBody("application/json", []byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := isRelayed(r, in.members); got != tt.want {
				t.Errorf("isRelayed = %v, want %v", got, tt.want)
			}
		})
	}
}
