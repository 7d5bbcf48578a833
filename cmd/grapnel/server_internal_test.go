package main

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestServerCutsSlowSendersOff sends too slowly, at each place where one can, on a connection whose
// time is the test's.
func TestServerCutsSlowSendersOff(t *testing.T) {
	const header = "POST / HTTP/1.1\r\nHost: a\r\n"
	for _, tt := range []struct {
		name  string
		send  string // at once
		drip  string // then, again and again, one every second; empty: nothing
		want  time.Duration
		reply string
	}{
		{"nothing at all", "", "", headerTimeout, ""},
		{"a header that stops", header, "", headerTimeout, ""},
		{"a header that never ends", header, "X: y\r\n", headerTimeout, ""},
		{"a body that stops", header + "Content-Length: 100\r\n\r\nab", "", readTimeout, "HTTP/1.1 200 OK"},
		{"a body that drips", header + "Content-Length: 1000000\r\n\r\nab", "c", readTimeout, "HTTP/1.1 200 OK"},
		{"chunks that drip", header + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", readTimeout, "HTTP/1.1 200 OK"},
		{"silence between two requests", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", idleTimeout, "HTTP/1.1 200 OK"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := connectTo(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
				began := time.Now()
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					_, err := io.WriteString(conn, tt.send)
					for err == nil && tt.drip != "" {
						<-time.After(time.Second)
						_, err = io.WriteString(conn, tt.drip)
					}
				}()
				answer, _ := io.ReadAll(conn) // until the server closes the connection
				if took := time.Since(began); took < tt.want || took > tt.want+2*time.Second {
					t.Errorf("cut off after %v, want %v", took, tt.want)
				}
				if !strings.HasPrefix(string(answer), tt.reply) {
					t.Errorf("answer %.100q, want %q", answer, tt.reply)
				}
				_ = conn.Close()
				<-sent
			})
		})
	}
}

// TestServerCutsSlowReadersOff asks for much and reads none of it.
func TestServerCutsSlowReadersOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		conn := connectTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, strings.Repeat("x", 10<<20))
			ended <- err
		}))
		began := time.Now()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Error("an answer that nobody reads was written")
		}
		if took := time.Since(began); took != writeTimeout {
			t.Errorf("cut off after %v, want %v", took, writeTimeout)
		}
	})
}

// connectTo serves one connection, both ends of which are in memory.
func connectTo(t *testing.T, handler http.Handler) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	listener := &pipe{conns: make(chan net.Conn, 1)}
	listener.conns <- there
	server := newServer(handler, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = here.Close()
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return here
}

// pipe is a listener that hands out connections of the test's.
type pipe struct{ conns chan net.Conn }

func (p *pipe) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p *pipe) Close() error   { close(p.conns); return nil }
func (p *pipe) Addr() net.Addr { return &net.TCPAddr{} }
