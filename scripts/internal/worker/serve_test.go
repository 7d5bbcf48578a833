package worker

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// parent is the other side of a worker that runs in this process, where the race detector sees what its
// goroutines share.
type parent struct {
	t     *testing.T
	write wire.Writer
	read  wire.Reader
	calls []string // contents of those that have no outcome yet
}

func startWorker(t *testing.T) *parent {
	t.Helper()
	in, toWorker := bothEnds(t)
	fromWorker, out := bothEnds(t)
	w := newWorker(in, out)
	w.prepare(wire.DefaultLimits(), true)
	served := make(chan error)
	go func() { served <- w.serve() }()
	t.Cleanup(func() {
		_ = toWorker.Close()
		if err := <-served; !errors.Is(err, io.EOF) {
			t.Errorf("serve = %v, want EOF", err)
		}
		for _, end := range []*os.File{in, fromWorker, out} {
			_ = end.Close()
		}
	})
	return &parent{
		t: t, write: wire.Writer{To: toWorker},
		read: wire.Reader{From: bufio.NewReader(fromWorker), Max: wire.DefaultLimits().AnswerSize()},
	}
}

func bothEnds(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func (p *parent) call(content string) {
	p.t.Helper()
	p.calls = append(p.calls, content)
	p.send(content)
}

func (p *parent) send(content string) {
	p.t.Helper()
	if err := p.write.Send(wire.KindCall, []byte("owner"), []byte("1"), []byte(integrations.ProcessIncomingRequest),
		[]byte(`{"request":{}}`), []byte(content), nil, nil); err != nil {
		p.t.Fatal(err)
	}
}

// serve answers what the worker asks, until it has the outcome of a call. Of calls out it answers so many
// at once, the latest first; then each by itself.
func (p *parent) serve(text string, held int) string {
	p.t.Helper()
	var asked []uint32
	for {
		f, err := p.read.Read()
		if err != nil {
			p.t.Fatal(err)
		}
		switch f.Kind {
		case wire.KindNeedSource:
			err = p.write.Send(wire.KindSource, []byte(text))
		case wire.KindLowered: // what was sent ahead is left undone
			err = p.write.Send(wire.KindResume)
			for _, content := range p.calls[1:] {
				p.send(content)
			}
		case wire.KindAsk:
			id, _, _ := wire.ReadQuestion(&f)
			if asked = append(asked, id); len(asked) < held {
				continue
			}
			for _, id := range slices.Backward(asked) {
				err = errors.Join(err, p.answer(id))
			}
			asked, held = nil, 0
		case wire.KindFailure:
			p.t.Fatal(wire.ReadFailure(&f))
		case wire.KindResult:
			p.calls = p.calls[1:]
			return f.Text()
		default: // it waits, or goes on
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// answer says which question it answers.
func (p *parent) answer(id uint32) error {
	p.write.Begin(wire.KindAnswer)
	answer := wire.Answer{
		ID: id, Head: []byte(`{"status":200,"statusText":"OK","headers":{},"url":"http://a.example/"}`), Body: strconv.AppendUint(nil, uint64(id), 10),
	}
	answer.Put(&p.write)
	return p.write.End()
}

// TestServe makes calls out and waits for time while further calls come ahead.
func TestServe(t *testing.T) {
	text, fault := compile(`class Script { async process_incoming_request({ request: { content } }) {
		if (!content.ask) return content;
		const texts = content.ask.map(async (path) => (await fetch('http://a.example' + path)).text());
		await new Promise((resolve) => setTimeout(resolve, 1));
		texts.push((await fetch('http://a.example/late')).text());
		return (await Promise.all(texts)).join() + ' ' + HTTP('GET', 'http://a.example/').result.content;
	} }`, false)
	if fault != nil {
		t.Fatal(fault)
	}
	p := startWorker(t)
	p.call(`{"n":1}`)
	if got := p.serve(text, 0); got != `{"n":1}` {
		t.Errorf("first result = %s", got)
	}
	p.call(`{"ask":["/a","/b"]}`)
	p.call(`{"n":2}`) // ahead
	p.call(`{"n":3}`)
	if got := p.serve(text, 3); got != `"1,2,3 4"` {
		t.Errorf("result of calls out = %s, want the answers by question", got)
	}
	for _, want := range []string{`{"n":2}`, `{"n":3}`} {
		if got := p.serve(text, 0); got != want {
			t.Errorf("result of a call ahead = %s, want %s", got, want)
		}
	}
}
