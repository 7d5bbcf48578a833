package scripts

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestFrame(t *testing.T) {
	var pipe bytes.Buffer
	w := frameWriter{to: &pipe}
	r := frameReader{from: bufio.NewReader(&pipe), max: 1 << 20}
	for range 2 { // the second one in used buffers
		w.begin(kindCall)
		w.string("owner")
		w.bytes(nil)
		w.bytes([]byte{})
		w.strings([]string{"a", "", "b"})
		w.strings(nil)
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		f, err := r.read()
		if err != nil || f.kind != kindCall {
			t.Fatalf("read = %v, %v", f.kind, err)
		}
		if got := f.string(); got != "owner" {
			t.Errorf("string = %q, want owner", got)
		}
		if got := f.bytes(); got != nil {
			t.Errorf("absent part = %q, want nil", got)
		}
		if got := f.bytes(); got == nil || len(got) > 0 {
			t.Errorf("empty part = %v, want empty", got)
		}
		if got, want := f.strings(), []string{"a", "", "b"}; !slices.Equal(got, want) {
			t.Errorf("strings = %q, want %q", got, want)
		}
		if got := f.strings(); len(got) > 0 || f.bad {
			t.Errorf("no strings = %q, bad = %v", got, f.bad)
		}
		if f.bytes(); !f.bad {
			t.Error("a part that is not there went unnoticed")
		}
	}
	if _, err := r.read(); !errors.Is(err, io.EOF) {
		t.Errorf("read at the end = %v, want EOF", err)
	}
}

func TestFailureFrame(t *testing.T) {
	want := &integrations.ScriptError{
		Phase: integrations.PhaseRun, Name: "TypeError", Message: "m", Stack: "s\n at", Line: 70000, Column: 3, Console: []string{"x", "y"},
	}
	var pipe bytes.Buffer
	w := frameWriter{to: &pipe}
	putFailure(&w, want)
	w.flag(flagHalted)
	effort{took: 1, busy: 2, memory: 3}.put(&w)
	changed := []integrations.ScriptValue{{Key: "a", Value: []byte("1")}, {Key: ""}}
	(&kept{changes: changed}).put(&w)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	f, err := (&frameReader{from: bufio.NewReader(&pipe), max: 1 << 20}).read()
	if err != nil {
		t.Fatal(err)
	}
	r, ok := readReply(&f)
	if diff := cmp.Diff(error(want), r.err); diff != "" || f.bad || !ok {
		t.Errorf("failure differs (-want +got), bad = %v:\n%s", f.bad, diff)
	}
	if diff := cmp.Diff(changed, r.changed); diff != "" {
		t.Errorf("changed values differ (-want +got):\n%s", diff)
	}
	if want := (effort{took: 1, busy: 2, memory: 3}); r.effort != want || !r.halted {
		t.Errorf("effort = %+v, halted %v, want %+v", r.effort, r.halted, want)
	}
}

// FuzzFrame is what a worker that has been taken over could send.
func FuzzFrame(f *testing.F) {
	f.Add([]byte{byte(kindResult), 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{byte(kindFailure), 0, 0, 0, 255, 255, 255, 255})
	f.Add([]byte{byte(kindFailure), 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := frameReader{from: bufio.NewReader(bytes.NewReader(data)), max: 1 << 10}
		for {
			fr, err := r.read()
			if err != nil {
				return
			}
			e := readFailure(&fr)
			if size := len(e.Message) + len(e.Stack) + len(strings.Join(e.Console, "")); size > len(data) {
				t.Errorf("%d bytes became %d", len(data), size)
			}
		}
	})
}

func TestLimitsTravel(t *testing.T) {
	want := Limits{Timeout: 1, Memory: 2, ResultSize: 3, LogSize: 4, SourceSize: 5, WallTime: 6, MaxCalls: 7, Wait: DefaultLimits().Wait} // Wait stays here
	if got := decodeLimits(want.encode()); got != want {
		t.Errorf("decodeLimits(encode) = %+v, want %+v", got, want)
	}
	if got := decodeLimits(nil); got != DefaultLimits() {
		t.Errorf("no limits = %+v, want the default", got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{64 << 20: "64 MB", 512 << 10: "512 KB", 1500: "1500 bytes", 0: "0 bytes"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %s, want %s", n, got, want)
		}
	}
}
