package beside

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSteadyGoesOnAfterFailures(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var bad, good int // one connection: no two requests at once
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			bad++
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		if good++; good == 5 {
			cancel()
		}
		fmt.Fprint(w, "{}")
	}))
	defer srv.Close()
	addr := srv.Listener.Addr().String()
	targets := []Target{NewTarget(addr, "/good", nil), NewTarget(addr, "/bad", nil)}
	s, failures := Steady(ctx, targets, Steadiness{PerSecond: 1000, Connections: 1})
	if s.Requests != good || len(failures) != bad || good < 5 || bad < 4 {
		t.Errorf("%d answered, %d failed; the server saw %d and %d", s.Requests, len(failures), good, bad)
	}
	if len(failures) > 0 && !strings.Contains(failures[0].Err.Error(), "502") {
		t.Errorf("a failure is %v", failures[0].Err)
	}
}
