package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// TestMain lets the test binary stand in for both servers: load starts it as it starts them.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-addr" {
		fakeServer(os.Args[2])
	}
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		fakeServer("127.0.0.1:" + env("PORT"))
	}
	os.Exit(m.Run())
}

func env(name string) string {
	return os.Getenv(name)
}

// fakeServer answers as much of grapnel's API as load uses, and is strict about it.
func fakeServer(addr string) {
	var made fakeRooms
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "go_memstats_alloc_bytes_total 1e6") })
	mux.HandleFunc("POST /hooks/{id}/{token}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		made.deliver(r.PathValue("id"), body)
		answer(w, r.Header.Get("X-GitHub-Event") == "push" && json.Valid(body), `{"success":true}`)
	})
	mux.HandleFunc("POST /api/v1/login", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ User, Password string }
		err := json.NewDecoder(r.Body).Decode(&in)
		answer(w, err == nil && in.User == env("ADMIN_USERNAME") && in.Password == env("ADMIN_PASS") && in.Password != "",
			`{"status":"success","data":{"userId":"u1","authToken":"t1"}}`)
	})
	mux.HandleFunc("POST /api/v1/integrations.create", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Type, Username, Channel, Name, Event, Script string
			URLs                                         []string
		}
		err := json.NewDecoder(r.Body).Decode(&in)
		answer(w, err == nil && r.Header.Get("X-User-Id") == "u1" && r.Header.Get("X-Auth-Token") == "t1" &&
			(in.Type == "webhook-incoming") != (in.Event == "sendMessage"),
			`{"success":true,"integration":{"_id":"`+strings.TrimPrefix(in.Channel, "#")+`","token":"k1"}}`)
		made.listen(strings.TrimPrefix(in.Channel, "#"), in.URLs)
	})
	mux.HandleFunc("PUT /api/v1/integrations.options", func(w http.ResponseWriter, r *http.Request) { answer(w, true, `{"success":true}`) })
	mux.HandleFunc("POST /api/v1/channels.create", func(w http.ResponseWriter, r *http.Request) { answer(w, true, `{"success":true}`) })
	fmt.Fprintln(os.Stderr, "fake:", http.ListenAndServe(addr, mux))
	os.Exit(1)
}

// fakeRooms delivers what hooks get at once; the id of a hook is its room's name.
type fakeRooms struct {
	mu   sync.Mutex
	urls map[string][]string
}

func (f *fakeRooms) listen(room string, urls []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.urls == nil {
		f.urls = map[string][]string{}
	}
	f.urls[room] = append(f.urls[room], urls...)
}

func (f *fakeRooms) deliver(room string, body []byte) {
	f.mu.Lock()
	urls := f.urls[room]
	f.mu.Unlock()
	for _, url := range urls {
		if resp, err := (&http.Client{}).Post(url, "application/json", bytes.NewReader(body)); err == nil {
			resp.Body.Close()
		}
	}
}

func answer(w http.ResponseWriter, good bool, text string) {
	if !good {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprint(w, text)
}

func TestMeasureAll(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out strings.Builder
	_, err = measureAll(t.Context(), options{
		grapnel: self, bare: self, dir: dir, rounds: 2, connections: 2, round: 50 * time.Millisecond, warm: 10 * time.Millisecond,
		messages: 20, integrations: 4, growthRequests: 20,
	}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"hook/bare, by round", "script/bare, by round", "hook: ", "server memory", "Growth: 10 messages, then 20 messages",
		"Growth: 1 integrations, then 4 integrations", "much/little, by round",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if got := strings.Count(out.String(), "\n    2  "); got != 8 {
		t.Errorf("%d rows of a second round, want 8:\n%s", got, out.String())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestMeasureOutgoing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out strings.Builder
	_, err = measureAll(t.Context(), options{
		grapnel: self, dir: dir, rounds: 2, connections: 2, round: 100 * time.Millisecond, warm: 10 * time.Millisecond,
		outgoing: true, waiting: 20, open: 100,
	}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"to 1 receivers: ", "to 10 receivers: 99 %", "to 100 receivers, 20 waiting: ", "    2        100  20 wait", "times the 99 % without",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), " 0.00") {
		t.Errorf("nothing was measured somewhere:\n%s", out.String())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestStartShowsWhyAServerEnded(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = beside.Start(t.Context(), beside.Command{
		Name: "broken",
		Path: self,
		Args: func(string) []string { return []string{"-addr", "127.0.0.1:nowhere"} },
		Env:  func(string) []string { return []string{} },
		Dir:  t.TempDir(),
	})
	if err == nil || !strings.Contains(err.Error(), "ended before it was ready") || !strings.Contains(err.Error(), "fake: listen") {
		t.Errorf("got %v", err)
	}
}

func TestPushWithText(t *testing.T) {
	var push struct {
		Text    string
		Commits []any
	}
	if err := json.Unmarshal(beside.PushWithText(), &push); err != nil || push.Text == "" || len(push.Commits) == 0 {
		t.Errorf("%+v, %v", push, err)
	}
}

func TestParseOptions(t *testing.T) {
	o, err := parseOptions([]string{"-short", "-messages", "0"}, io.Discard)
	if err != nil || o.messages != 0 || o.integrations != 100 || o.round >= time.Second {
		t.Errorf("-short: %+v, %v", o, err)
	}
	for _, args := range [][]string{{"-rounds", "0"}, {"-connections", "0"}, {"-round", "0s"}, {"-growth-requests", "1"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("took %v", args)
		}
	}
}
