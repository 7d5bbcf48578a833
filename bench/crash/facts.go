package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// facts are what is left in the end: what senders were told, what the server has, what arrived.
type facts struct {
	sent   map[string]event
	acked  map[string]bool           // events that were answered with 200
	odd    []string                  // answers that were no 200
	stored map[string]map[string]int // messages in each room, by their event
	calls  []arrival                 // in the order in which they came
	lives  []life
}

// wanted are the deliveries that the stored messages lead to.
func (f facts) wanted() []delivered {
	var all []delivered
	for room, events := range f.stored {
		for event := range events {
			for _, receiver := range rooms[room] {
				all = append(all, delivered{receiver, event})
			}
		}
	}
	return all
}

// messages counts those that are stored.
func (f facts) messages() (n int) {
	for _, events := range f.stored {
		for _, count := range events {
			n += count
		}
	}
	return n
}

// life is what happened from one start of the server to its end. Later calls belong to no life that
// ended.
type life struct {
	number   int // from 1
	killed   bool
	lasted   time.Duration
	events   int            // acknowledged in it
	recorded map[string]int // attempts that its log says were recorded, by delivery
}

// recordedIn reads a server's log. A line is written once its attempt is on disk, so what the log
// lacks was under way.
func recordedIn(log string) (map[string]int, error) {
	text, err := os.ReadFile(log) //nolint:gosec // the file is ours
	if err != nil {
		return nil, err
	}
	recorded := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Msg        string
			DeliveryID string `json:"delivery_id"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "delivery attempted" {
			recorded[line.DeliveryID]++
		}
	}
	return recorded, lines.Err()
}

// storedMessages reads the messages of a room, page after page.
func storedMessages(ctx context.Context, server *beside.Process, admin http.Header, room string) (map[string]int, error) {
	stored := map[string]int{}
	answer, err := server.Fetch(ctx, http.MethodGet, "/api/v1/channels.info?roomName="+room, admin.Clone(), nil)
	if err != nil {
		return nil, err
	}
	var info struct {
		Channel struct {
			ID string `json:"_id"`
		}
	}
	if err := json.Unmarshal(answer, &info); err != nil {
		return nil, err
	}
	for offset := 0; ; {
		path := fmt.Sprintf("/api/v1/channels.messages?roomId=%s&count=100&offset=%d", info.Channel.ID, offset)
		answer, err := server.Fetch(ctx, http.MethodGet, path, admin.Clone(), nil)
		if err != nil {
			return nil, err
		}
		var list struct {
			Messages []struct{ Msg string }
			Total    int
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, err
		}
		for _, m := range list.Messages {
			if strings.HasPrefix(m.Msg, "event ") { // the others tell of members
				stored[m.Msg]++
			}
		}
		offset += len(list.Messages)
		if offset >= list.Total || len(list.Messages) == 0 {
			return stored, nil
		}
	}
}
