package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// way is how an event gets into a room of the server.
type way struct {
	beside.Way

	room string
}

// senders make events, several at once, as fast as the server takes them.
type senders struct {
	ways   []way
	may    func() bool // whether more events may be sent now
	client *http.Client

	count      atomic.Int64 // events that were sent, which names them
	deliveries atomic.Int64 // that the acknowledged ones lead to
	answers    beside.Answers

	mu   sync.Mutex
	sent map[string]event
}

// event is one that was sent. Of those of one sender, each was sent after the one before was answered.
type event struct {
	number, sender int
	room           string
}

func newSenders(ways []way, may func() bool, atOnce int) *senders {
	return &senders{
		ways: ways, may: may, sent: map[string]event{},
		client: beside.EventClient(atOnce),
	}
}

// run sends until the context ends. What was sent by then gets its answer, if there is anybody left
// to answer.
func (s *senders) run(ctx context.Context, addr string, atOnce int) {
	var sending sync.WaitGroup
	for sender := range atOnce {
		sending.Go(func() {
			for ctx.Err() == nil {
				if !s.may() {
					beside.Pause(ctx, time.Millisecond)
					continue
				}
				if err := s.send(context.WithoutCancel(ctx), addr, sender); err != nil {
					return // the server is gone
				}
			}
		})
	}
	sending.Wait()
	s.client.CloseIdleConnections()
}

// send makes one event. Its error says that the server gave no answer.
func (s *senders) send(ctx context.Context, addr string, sender int) error {
	n := int(s.count.Add(1))
	text := beside.EventName(n)
	w := s.ways[n%len(s.ways)]
	s.mu.Lock()
	s.sent[text] = event{n, sender, w.room}
	s.mu.Unlock()
	status, answer, err := w.Send(ctx, s.client, addr, text)
	if s.answers.Note(text, status, answer) {
		s.deliveries.Add(int64(len(rooms[w.room])))
	}
	return err
}
