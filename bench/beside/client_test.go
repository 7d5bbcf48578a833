package beside

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnswerSize(t *testing.T) {
	tests := []struct {
		got  string
		want int
		ok   bool
	}{
		{"", -1, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", -1, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 43, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 43, true},
		{"HTTP/1.1 200 OK\r\nA: b\r\ncontent-length:5\r\nC: d\r\n\r\nhello", 54, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", 0, false},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0, false},
	}
	for _, tt := range tests {
		got, err := answerSize([]byte(tt.got))
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("answerSize(%q) = %d, %v, want %d", tt.got, got, err, tt.want)
		}
	}
}

func TestSendCountsAndChecks(t *testing.T) {
	var received atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			http.Error(w, "too busy", http.StatusServiceUnavailable)
			return
		}
		received.Add(1)
		fmt.Fprint(w, `{"success":true}`)
	}))
	defer srv.Close()
	addr := srv.Listener.Addr().String()

	s, err := Send(t.Context(), NewTarget(addr, "/hooks/a/b", []byte("{}")), Pace{Connections: 3, Requests: 100})
	if err != nil || s.Requests != 100 || received.Load() != 100 || len(s.Times) != 100 {
		t.Errorf("100 requests: %d sent, %d received, %v", s.Requests, received.Load(), err)
	}
	s, err = Send(t.Context(), NewTarget(addr, "/hooks/a/b", []byte("{}")), Pace{Connections: 3, Duration: 50 * time.Millisecond})
	if err != nil || s.Requests == 0 || s.Elapsed < 50*time.Millisecond || s.Percentile(0.99) < s.Percentile(0.5) {
		t.Errorf("50 ms: %+v, %v", s, err)
	}
	_, err = Send(t.Context(), NewTarget(addr, "/busy", nil), Pace{Connections: 3, Requests: 100})
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "too busy") {
		t.Errorf("a 503: %v", err)
	}
	if _, err := Send(t.Context(), NewTarget("192.0.2.1:80", "/", nil), Pace{Connections: 1, Requests: 1}); err == nil {
		t.Error("sent to an address that is not loopback")
	}
}

func TestExchangePutsPiecesTogether(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		_, _ = http.ReadRequest(bufio.NewReader(server))
		for _, piece := range []string{"HTTP/1.1 2", "00 OK\r\nContent-Le", "ngth: 4\r\n\r", "\nab", "cd"} {
			_, _ = server.Write([]byte(piece))
		}
	}()
	c := &connection{conn: client, request: NewTarget("127.0.0.1:1", "/", nil).request, buf: make([]byte, 1024)}
	if err := c.exchange(); err != nil {
		t.Error(err)
	}
}

func TestPercentile(t *testing.T) {
	var s Sample
	if got := s.Percentile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
	for i := range 101 {
		s.Times = append(s.Times, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.99: 99, 1: 100} {
		if got := s.Percentile(p); got != want {
			t.Errorf("Percentile(%v) = %d, want %d", p, got, want)
		}
	}
}
