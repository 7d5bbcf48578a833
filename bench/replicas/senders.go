package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// way is how an event gets into a server.
type way struct {
	path   string
	header http.Header
	rest   map[string]string
}

func byHook(h beside.Hook) way { return way{path: h.Path(), header: http.Header{}} }

func byMessage(admin beside.Admin) way {
	return way{path: "/api/v1/chat.postMessage", header: admin.Header(), rest: map[string]string{"channel": "#general"}}
}

// senders make events, several at once, each at the next server.
type senders struct {
	ways   []way
	next   func() string
	room   func() bool // whether more events may be sent now
	client *http.Client

	count, acknowledged, unanswered atomic.Int64

	mu    sync.Mutex
	acked map[string]bool
	odd   []string // answers that are no 200
}

func (s *senders) run(ctx context.Context, atOnce int) {
	var sending sync.WaitGroup
	for range atOnce {
		sending.Go(func() {
			for ctx.Err() == nil {
				if !s.room() {
					pause(ctx, time.Millisecond)
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
	text := fmt.Sprintf("event %07d", n)
	w := s.ways[n%len(s.ways)]
	document := map[string]string{"text": text}
	maps.Copy(document, w.rest)
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.next()+w.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = w.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	s.note(text, resp.StatusCode, answer)
	return err
}

// note keeps an answer. A status of 200 is one, whether or not its body came through.
func (s *senders) note(text string, status int, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == http.StatusOK {
		s.acked[text] = true
		s.acknowledged.Add(1)
		return
	}
	s.odd = append(s.odd, fmt.Sprintf("%s: %d %.200s", text, status, answer))
}
