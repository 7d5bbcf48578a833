package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// senders make events, several at once, each at the next server.
type senders struct {
	ways   []beside.Way
	next   func() string
	room   func() bool // whether more events may be sent now
	client *http.Client

	count, unanswered atomic.Int64
	answers           beside.Answers
}

func (s *senders) run(ctx context.Context, atOnce int) {
	var sending sync.WaitGroup
	for range atOnce {
		sending.Go(func() {
			for ctx.Err() == nil {
				if !s.room() {
					beside.Pause(ctx, time.Millisecond)
					continue
				}
				if err := s.send(context.WithoutCancel(ctx)); err != nil {
					s.unanswered.Add(1) // the server is gone; the next event goes to the next
				}
			}
		})
	}
	sending.Wait()
}

// send makes one event. Its error says that the server gave no answer.
func (s *senders) send(ctx context.Context) error {
	n := int(s.count.Add(1))
	text := beside.EventName(n)
	status, answer, err := s.ways[n%len(s.ways)].Send(ctx, s.client, s.next(), text)
	s.answers.Note(text, status, answer)
	return err
}
