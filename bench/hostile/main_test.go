package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// TestMain lets the test binary stand in for the server: hostile starts it as it starts grapnel.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		fakeServer("127.0.0.1:" + os.Getenv("PORT"))
	}
	os.Exit(m.Run())
}

// fakeServer answers as much of grapnel's API as hostile uses. What a hook answers stands in its
// script; the good ones have none of these words.
func fakeServer(addr string) {
	var made atomic.Int64
	scripts := make([]string, 100)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /api/v1/login", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"userId":"u1","authToken":"t1"}}`)
	})
	mux.HandleFunc("POST /api/v1/integrations.create", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Script string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		n := made.Add(1)
		scripts[n] = in.Script
		fmt.Fprintf(w, `{"success":true,"integration":{"_id":"%d","token":"k"}}`, n)
	})
	mux.HandleFunc("GET /api/v1/integrations.lastRun", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"success":true,"lastError":{"message":"stopped after 3s"}}`)
	})
	mux.HandleFunc("POST /hooks/{id}/{token}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		var n int
		_, _ = fmt.Sscan(r.PathValue("id"), &n)
		switch strings.TrimSpace(scripts[n]) {
		case "fails":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"success":false,"error":"error-running-script"}`)
		case "breaks":
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"success":false,"error":"Internal server error"}`)
		default:
			fmt.Fprint(w, `{"success":true}`)
		}
	})
	fmt.Fprintln(os.Stderr, "fake:", http.ListenAndServe(addr, mux))
	os.Exit(1)
}

func TestRun(t *testing.T) {
	tests := []struct {
		name    string
		scripts map[string]string
		passed  bool
		want    []string
	}{
		{"all end clearly", map[string]string{"a": "fails", "b": "succeeds"}, true, []string{
			"a ", "400 stopped after 3s", "200 {\"success\":true}", "PASS  2 of 2 hostile scripts", ", 0 failures", "round 2: quiet ", "beside flushes of", "some time after the attack",
		}},
		{"one breaks the server", map[string]string{"a": "fails", "b": "breaks"}, false, []string{
			"UNCLEAR: status 500", "FAIL  1 of 2 hostile scripts ended with a clear answer; not: b",
		}},
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scripts := t.TempDir()
			for name, text := range tt.scripts {
				if err := os.WriteFile(filepath.Join(scripts, name+".js"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			dir := t.TempDir()
			var out strings.Builder
			passed, err := run(t.Context(), options{
				grapnel: self, scripts: scripts, dir: dir, atATime: 2, good: 1, rounds: 2, warm: 64, rate: 200, quiet: 100 * time.Millisecond,
			}, &out)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the report lacks %q:\n%s", want, out.String())
				}
			}
			if passed && !tt.passed {
				t.Errorf("passed:\n%s", out.String())
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	quiet := phase{calls: beside.Sample{Requests: 1, Times: []time.Duration{20 * time.Millisecond}}}
	good := report{quiet: quiet, stormy: quiet, before: 50 << 20, after: 54 << 20, warmest: 60 << 20, peak: 70 << 20, bars: true}
	tests := []struct {
		name   string
		change func(*report)
		passed bool
	}{
		{"as it should be", func(*report) {}, true},
		{"a good call failed", func(r *report) { r.failures = []beside.Failure{{Err: io.EOF}} }, false},
		{"good calls became slow", func(r *report) { r.stormy.calls.Times = []time.Duration{300 * time.Millisecond} }, false},
		{"good calls became slower", func(r *report) { r.stormy.calls.Times = []time.Duration{101 * time.Millisecond} }, false},
		{"the server grew", func(r *report) { r.after = 56 << 20 }, false},
		{"the server grew for a time", func(r *report) { r.peak = 120 << 20 }, false},
		{"the server grew, on any machine", func(r *report) { r.after, r.bars = 56<<20, false }, true},
		{"an answer was unclear", func(r *report) { r.outcomes = []outcome{{name: "a", unclear: io.EOF}} }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := good
			var out strings.Builder
			r.out = &out
			tt.change(&r)
			if got := r.verdicts(); got != tt.passed {
				t.Errorf("verdicts = %v, want %v:\n%s", got, tt.passed, out.String())
			}
		})
	}
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name    string
		outcome outcome
		answer  answer
		clear   bool
	}{
		{"success", outcome{}, answer{status: 200, isJSON: true}, true},
		{"a script's error", outcome{text: "stopped"}, answer{status: 400, isJSON: true}, true},
		{"an error without a reason", outcome{}, answer{status: 400, isJSON: true}, false},
		{"not run at all", outcome{text: "busy"}, answer{status: 503, isJSON: true, retryAfter: "30"}, false},
		{"the server's fault", outcome{text: "x"}, answer{status: 500, isJSON: true}, false},
		{"late", outcome{call: answering + 1}, answer{status: 200, isJSON: true}, false},
		{"no JSON", outcome{}, answer{status: 200}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.outcome.judge(tt.answer); (err == nil) != tt.clear {
				t.Errorf("judge = %v, want clear: %v", err, tt.clear)
			}
		})
	}
}

func TestParseOptions(t *testing.T) {
	if o, err := parseOptions(nil, io.Discard); err != nil || o.atATime != 8 {
		t.Errorf("defaults: %+v, %v", o, err)
	}
	for _, args := range [][]string{{"-at-a-time", "0"}, {"-good", "0"}, {"-rounds", "0"}, {"-warm", "0"}, {"-rate", "0"}, {"-quiet", "0s"}, {"-unknown"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("took %v", args)
		}
	}
}
