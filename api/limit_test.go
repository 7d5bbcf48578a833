package api_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.settings = map[string]any{"API_Enable_Rate_Limiter": true, "API_Enable_Rate_Limiter_Limit_Calls_Default": 3}
	})
	bob := s.user("bob", "user")
	const path = "/api/v1/me"
	from := func(as account, address, method, path, body string) answer {
		t.Helper()
		header := map[string]string{"Content-Type": "application/json"}
		return s.do(request{method: method, path: path, as: as, body: body, from: net.JoinHostPort(address, "1234"), header: header})
	}
	before := time.Now()
	for n := range 3 {
		got := from(bob, "192.0.2.1", "GET", path, "").is(200)
		reset, err := strconv.ParseInt(got.header.Get("X-RateLimit-Reset"), 10, 64)
		if limit, left := got.header.Get("X-RateLimit-Limit"), got.header.Get("X-RateLimit-Remaining"); limit != "3" || left != strconv.Itoa(2-n) {
			t.Errorf("call %d: limit %s, remaining %s", n, limit, left)
		}
		if at := time.UnixMilli(reset); err != nil || at.Before(before.Add(59*time.Second)) || at.After(time.Now().Add(61*time.Second)) {
			t.Errorf("call %d: reset at %v, %v, want in a minute", n, at, err)
		}
	}
	refused := from(bob, "192.0.2.1", "GET", path, "").is(429)
	text := refused.text("error")
	if !strings.HasPrefix(text, "Error, too many requests. Please slow down. You must wait ") ||
		!strings.HasSuffix(text, " seconds before trying this endpoint again. [error-too-many-requests]") ||
		refused.header.Get("X-RateLimit-Remaining") != "0" || refused.header.Get("Retry-After") == "" {
		t.Errorf("the fourth call: %v %s", refused.header, refused.body)
	}
	from(bob, "192.0.2.2", "GET", path, "").is(200)
	from(bob, "192.0.2.1", "GET", "/api/v1/roles.list", "").is(200)
	for range 5 {
		if got := from(s.admin, "192.0.2.1", "GET", path, "").is(200); got.header.Get("X-RateLimit-Limit") != "" {
			t.Error("a holder of api-bypass-rate-limit is counted")
		}
	}
	// Who is not let through, or asks what cannot be answered, is told so first and not counted.
	for range 5 {
		from(account{}, "192.0.2.3", "GET", path, "").is(401)
		from(bob, "192.0.2.3", "POST", "/api/v1/permissions.update", "{}").is(403)
		from(bob, "192.0.2.3", "POST", "/api/v1/chat.react", "{}").is(400)
	}
	for n := range 4 { // whoever has not logged in is counted
		want := map[bool]int{true: 429, false: 401}[n == 3]
		from(account{}, fmt.Sprintf("2001:db8::%d", n), "POST", "/api/v1/login", `{"user":"nobody","password":"x"}`).is(want)
	}
	hook := s.newHook(nil)
	for range 5 {
		hook.post(doc{"text": "x"}).is(200)
		from(bob, "192.0.2.1", "GET", "/livez", "").is(200)
	}
}

func TestRateLimitOfHooks(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.settings = map[string]any{"Hooks_Enable_Rate_Limiter": true, "API_Enable_Rate_Limiter_Limit_Calls_Default": 2}
	})
	first, second := s.newHook(nil), s.newHook(nil)
	for range 2 {
		first.post(doc{"text": "x"}).is(200)
	}
	if got := first.post(doc{"text": "x"}).is(429); !strings.Contains(got.text("error"), "too many requests") {
		t.Errorf("the third call: %s", got.body)
	}
	if got := len(s.messages("GENERAL")); got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
	second.post(doc{"text": "x"}).is(200)
	for range 5 { // the API is not limited, and an unknown hook is answered as ever
		s.get(s.admin, "/api/v1/me").is(200)
		s.do(request{method: "POST", path: "/hooks/unknown/token", body: "{}"}).is(500)
	}
}
