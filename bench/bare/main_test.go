package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHook(t *testing.T) {
	tests := []struct {
		body, want string
		status     int
	}{
		{`{"text":"hello"}`, `{"success":true}`, http.StatusOK},
		{`{"text":`, `{"success":false}`, http.StatusBadRequest},
	}
	h := handler()
	for _, tt := range tests {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/hooks/id/token", strings.NewReader(tt.body)))
		if rec.Code != tt.status || rec.Body.String() != tt.want {
			t.Errorf("%s: %d %s, want %d %s", tt.body, rec.Code, rec.Body, tt.status, tt.want)
		}
	}
}
