package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestServeRefusesFloods speaks to the server on a bare connection.
func TestServeRefusesFloods(t *testing.T) {
	p := serve(t, t.TempDir())
	for _, tt := range []struct {
		name, send string
		want       int
	}{
		{"a header of a megabyte", "GET /livez HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", 431},
		{"many headers", "GET /livez HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 100_000) + "\r\n", 431},
		{"a long path", "GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
		{"a body that is only announced", "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413},
		{"two lengths", "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
		{"no host", "GET /livez HTTP/1.1\r\n\r\n", 400},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01\x00", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(strings.Replace(p.url, "localhost", "127.0.0.1", 1), "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.WriteString(conn, tt.send+"\r\n") }() // the server need not read all of it
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
	chunks := &strings.Builder{}
	for range 12 {
		fmt.Fprintf(chunks, "100000\r\n%s\r\n", strings.Repeat("x", 1<<20))
	}
	t.Run("a body without a length", func(t *testing.T) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(strings.Replace(p.url, "localhost", "127.0.0.1", 1), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() {
			_, _ = io.WriteString(conn, "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+chunks.String())
		}()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d, want 413", resp.StatusCode)
		}
	})
	if got := p.do("GET", "/livez", "", nil); got.status != http.StatusOK {
		t.Errorf("livez afterwards = %d", got.status)
	}
}
