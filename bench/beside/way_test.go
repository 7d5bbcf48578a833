package beside

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestSend(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		if r.URL.Path == "/hooks/cut/off" {
			w.Header().Set("Content-Length", "100") // which never come
		}
	}))
	defer srv.Close()
	addr, client := srv.Listener.Addr().String(), EventClient(1)
	defer client.CloseIdleConnections()

	tests := []struct {
		name   string
		way    Way
		want   string
		failed bool
	}{
		{"by a hook", ByHook(Hook{ID: "id", Token: "token"}), `/hooks/id/token application/json {"text":"event 0000001"}`, false},
		{"by a message", ByMessage(Admin{header: http.Header{}}), `/api/v1/chat.postMessage application/json {"channel":"#general","text":"event 0000001"}`, false},
		{"answered without a whole body", ByHook(Hook{ID: "cut", Token: "off"}), `/hooks/cut/off application/json {"text":"event 0000001"}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, err := tt.way.Send(t.Context(), client, addr, EventName(1))
			if status != http.StatusOK || (err != nil) != tt.failed || got != tt.want {
				t.Errorf("Send = %d, %v, and the server got %s, want %s", status, err, got, tt.want)
			}
		})
	}
	srv.Close()
	if status, _, err := ByHook(Hook{}).Send(t.Context(), client, addr, EventName(2)); status != 0 || err == nil {
		t.Errorf("without a server: %d, %v", status, err)
	}
}
