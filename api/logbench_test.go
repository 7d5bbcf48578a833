package api_test

import (
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// BenchmarkLog tells what the log costs hooks: processor time of the whole process, the log's own
// goroutine included, for GitHub pushes with the headers that GitHub sends.
func BenchmarkLog(b *testing.B) {
	push, err := os.ReadFile("../examples/scripts/github-push.json")
	must(b, err)
	script, err := os.ReadFile("../examples/scripts/github-push.js")
	must(b, err)
	for name, unlogged := range map[string]bool{"unlogged": true, "logged": false} {
		for what, more := range map[string]doc{"plain": nil, "script": {"scriptEnabled": true, "script": string(script)}} {
			b.Run(what+" "+name, func(b *testing.B) {
				s := start(b, func(o *options) { o.unlogged = unlogged })
				h := s.newHook(more)
				path, pushes := h.path(), unlike(string(push))
				var turn atomic.Int64
				b.SetParallelism(16) // per core
				b.ReportAllocs()
				b.ResetTimer()
				before := processorTime(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(pushes[turn.Add(1)%int64(len(pushes))]))
						for name, value := range githubHeader {
							r.Header.Set(name, value)
						}
						w := httptest.NewRecorder()
						if s.api.ServeHTTP(w, r); w.Code != http.StatusOK {
							b.Errorf("hook = %d %s", w.Code, w.Body)
							return
						}
					}
				})
				b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

// unlike are pushes of other commits: whatever is a hash has other digits.
func unlike(push string) (pushes []string) {
	hash := regexp.MustCompile(`[0-9a-f]{40}`)
	for range 512 {
		pushes = append(pushes, hash.ReplaceAllStringFunc(push, func(string) string {
			sum := sha1.Sum([]byte(workspace.NewID()))
			return hex.EncodeToString(sum[:])
		}))
	}
	return pushes
}

var githubHeader = map[string]string{
	"Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/044aadd", "Accept": "*/*", "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
	"X-GitHub-Event": "push", "X-GitHub-Hook-ID": "292430182", "X-GitHub-Hook-Installation-Target-ID": "79929171",
	"X-GitHub-Hook-Installation-Target-Type": "repository", "X-Hub-Signature": "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
	"X-Hub-Signature-256": "sha256=d57c68ca6f92289e6987922ff26938930f6e66a2d161ef06abdf1859230aa23c",
}

// processorTime is what the process, without the scripts' workers, has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
