package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// TestRun kills a real server a few times, so that this program and what it asks for stay true.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and kills a server")
	}
	dir := t.TempDir()
	var out strings.Builder
	passed, err := run(t.Context(), options{
		Killing: beside.Killing{Dir: dir, Kills: 3, Senders: 8, Backlog: 400, Seed: 1, Patience: time.Minute},
		events:  300, quiet: 100,
	}, &out)
	if err != nil || !passed {
		t.Errorf("run = %v, %v\n%s", passed, err, out.String())
	}
	if got := strings.Count(out.String(), "PASS  "); got != 8 {
		t.Errorf("%d promises were kept, want 8:\n%s", got, out.String())
	}
	if got := strings.Count(out.String(), "  killed "); got != 3 {
		t.Errorf("%d kills, want 3:\n%s", got, out.String())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestParseOptions(t *testing.T) {
	if o, err := parseOptions(nil, io.Discard); err != nil || o.Kills != 50 || o.events != 20_000 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{"-kills", "0"}, {"-events", "0"}, {"-senders", "0"}, {"-patience", "0s"}, {"-backlog", "0"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("took %v", args)
		}
	}
}
