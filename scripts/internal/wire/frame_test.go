package wire

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
	w := Writer{To: &pipe}
	r := Reader{From: bufio.NewReader(&pipe), Max: 1 << 20}
	for range 2 { // the second one in used buffers
		w.Begin(KindCall)
		w.Text("owner")
		w.Bytes(nil)
		w.Bytes([]byte{})
		w.Texts([]string{"a", "", "b"})
		w.Texts(nil)
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
		f, err := r.Read()
		if err != nil || f.Kind != KindCall {
			t.Fatalf("read = %v, %v", f.Kind, err)
		}
		if got := f.Text(); got != "owner" {
			t.Errorf("Text = %q, want owner", got)
		}
		if got := f.Bytes(); got != nil {
			t.Errorf("absent part = %q, want nil", got)
		}
		if got := f.Bytes(); got == nil || len(got) > 0 {
			t.Errorf("empty part = %v, want empty", got)
		}
		if got, want := f.Texts(), []string{"a", "", "b"}; !slices.Equal(got, want) {
			t.Errorf("Texts = %q, want %q", got, want)
		}
		if got := f.Texts(); len(got) > 0 || f.Bad {
			t.Errorf("no Texts = %q, bad = %v", got, f.Bad)
		}
		if f.Bytes(); !f.Bad {
			t.Error("a part that is not there went unnoticed")
		}
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("read at the end = %v, want EOF", err)
	}
}

func TestFailureFrame(t *testing.T) {
	want := &integrations.ScriptError{
		Phase: integrations.PhaseRun, Name: "TypeError", Message: "m", Stack: "s\n at", Line: 70000, Column: 3, Console: []string{"x", "y"},
	}
	var pipe bytes.Buffer
	w := Writer{To: &pipe}
	PutFailure(&w, want)
	w.Flag(FlagHalted)
	Effort{Took: 1, Busy: 2, Memory: 3}.Put(&w)
	changed := []integrations.ScriptValue{{Key: "a", Value: []byte("1")}, {Key: ""}}
	w.Bytes(EncodeValues(changed))
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	f, err := (&Reader{From: bufio.NewReader(&pipe), Max: 1 << 20}).Read()
	if err != nil {
		t.Fatal(err)
	}
	got, took := ReadFailure(&f), ReadEffort(&f)
	values, err := DecodeValues(f.Bytes())
	if diff := cmp.Diff(want, got); diff != "" || f.Bad || err != nil || f.Flags&FlagHalted == 0 {
		t.Errorf("failure differs (-want +got), bad = %v, %v, flags %b:\n%s", f.Bad, err, f.Flags, diff)
	}
	if diff := cmp.Diff(changed, values); diff != "" {
		t.Errorf("changed values differ (-want +got):\n%s", diff)
	}
	if want := (Effort{Took: 1, Busy: 2, Memory: 3}); took != want {
		t.Errorf("effort = %+v, want %+v", took, want)
	}
}

func TestLoweredTravels(t *testing.T) {
	for _, want := range []Lowered{{Thread: 4711, Busy: true}, {Thread: 1}} {
		f := sent(t, func(w *Writer) { want.Put(w) })
		if got := ReadLowered(&f); got != want || f.Kind != KindLowered || f.Bad {
			t.Errorf("ReadLowered(Put) = %+v in %+v, want %+v", got, f, want)
		}
	}
}

func TestQuestionsAndAnswersTravel(t *testing.T) {
	f := sent(t, func(w *Writer) { PutQuestion(w, 7, []byte("head"), nil) })
	if id, head, body := ReadQuestion(&f); f.Kind != KindAsk || id != 7 || string(head) != "head" || body != nil || f.Bad {
		t.Errorf("ReadQuestion = %d, %s, %s", id, head, body)
	}
	want := Answer{ID: 1<<32 - 1, Head: []byte("head"), Body: []byte{}}
	f = sent(t, func(w *Writer) {
		w.Begin(KindAnswer)
		want.Put(w)
	})
	if diff := cmp.Diff(want, ReadAnswer(&f)); diff != "" || f.Bad {
		t.Errorf("answer differs (-want +got), bad = %v:\n%s", f.Bad, diff)
	}
}

// sent is a frame as it comes to the other side.
func sent(t *testing.T, put func(*Writer)) Frame {
	t.Helper()
	var pipe bytes.Buffer
	w := Writer{To: &pipe}
	put(&w)
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	r := Reader{From: bufio.NewReader(&pipe), Max: 1 << 10}
	f, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// FuzzFrame is what a worker that has been taken over could send.
func FuzzFrame(f *testing.F) {
	f.Add([]byte{byte(KindResult), 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{byte(KindFailure), 0, 0, 0, 255, 255, 255, 255})
	f.Add([]byte{byte(KindFailure), 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := Reader{From: bufio.NewReader(bytes.NewReader(data)), Max: 1 << 10}
		for {
			fr, err := r.Read()
			if err != nil {
				return
			}
			e := ReadFailure(&fr)
			if size := len(e.Message) + len(e.Stack) + len(strings.Join(e.Console, "")); size > len(data) {
				t.Errorf("%d bytes became %d", len(data), size)
			}
		}
	})
}
