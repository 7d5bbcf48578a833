package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// way is how an event gets into a room of the server.
type way struct {
	room   string
	path   string
	header http.Header
	body   func(text string) ([]byte, error)
}

func byHook(room, path string) way {
	return way{room: room, path: path, header: http.Header{}, body: func(text string) ([]byte, error) { return json.Marshal(map[string]string{"text": text}) }}
}

func byMessage(header http.Header) way {
	return way{room: "general", path: "/api/v1/chat.postMessage", header: header, body: func(text string) ([]byte, error) {
		return json.Marshal(map[string]string{"channel": "#general", "text": text})
	}}
}

// senders make events, several at once, as fast as the server takes them.
type senders struct {
	ways   []way
	may    func() bool // whether more events may be sent now
	client *http.Client

	count        atomic.Int64 // events that were sent, which names them
	acknowledged atomic.Int64
	deliveries   atomic.Int64 // that the acknowledged ones lead to

	mu    sync.Mutex
	acked map[string]bool // by name
	sent  map[string]event
	odd   []string // answers that a server that is up must not give
}

// event is one that was sent. Of those of one sender, each was sent after the one before was answered.
type event struct {
	number, sender int
	room           string
}

func newSenders(ways []way, may func() bool, atOnce int) *senders {
	return &senders{
		ways: ways, may: may, acked: map[string]bool{}, sent: map[string]event{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}, Timeout: time.Minute},
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
					pause(ctx, time.Millisecond)
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
	text := fmt.Sprintf("event %07d", n)
	w := s.ways[n%len(s.ways)]
	s.mu.Lock()
	s.sent[text] = event{n, sender, w.room}
	s.mu.Unlock()
	body, err := w.body(text)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+w.path, bytes.NewReader(body))
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
		s.deliveries.Add(int64(len(rooms[s.sent[text].room])))
		return
	}
	s.odd = append(s.odd, fmt.Sprintf("%s: %d %.200s", text, status, answer))
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
