package api_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// BenchmarkHook receives the GitHub push through the whole router, from 32 callers at once, and
// stores a message durably for each.
func BenchmarkHook(b *testing.B) {
	push, err := os.ReadFile("../examples/scripts/github-push.json")
	must(b, err)
	script, err := os.ReadFile("../examples/scripts/github-push.js")
	must(b, err)
	for name, more := range map[string]doc{
		"without script": {},
		"with script":    {"scriptEnabled": true, "script": string(script)},
	} {
		b.Run(name, func(b *testing.B) {
			s := start(b)
			in := doc{"type": "webhook-incoming", "name": "bench", "enabled": true, "username": "rocket.cat", "channel": "#general", "scriptEnabled": false}
			maps.Copy(in, more)
			made := s.post(s.admin, "/api/v1/integrations.create", in).is(200)
			path := "/hooks/" + made.text("integration", "_id") + "/" + made.text("integration", "token")
			b.SetParallelism(16) // per core
			b.SetBytes(int64(len(push)))
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(push)))
					r.Header.Set("Content-Type", "application/json")
					r.Header.Set("X-GitHub-Event", "push")
					w := httptest.NewRecorder()
					if s.api.ServeHTTP(w, r); w.Code != http.StatusOK {
						b.Errorf("hook = %d %s", w.Code, w.Body)
						return
					}
				}
			})
		})
	}
}
