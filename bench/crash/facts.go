package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// facts are what is left in the end: what senders were told, what the server has, what arrived.
type facts struct {
	acked     map[string]bool // events that were answered with 200
	odd       []string        // answers that were no 200
	stored    map[string]int  // messages in the room, by their event
	calls     []arrival       // in the order in which they came
	lives     []life
	receivers []string
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

// storedMessages reads the messages of the room, page after page.
func storedMessages(ctx context.Context, server *beside.Process, admin http.Header) (map[string]int, error) {
	stored := map[string]int{}
	for offset := 0; ; {
		path := fmt.Sprintf("/api/v1/channels.messages?roomId=GENERAL&count=1000&offset=%d", offset)
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
			stored[m.Msg]++
		}
		offset += len(list.Messages)
		if offset >= list.Total || len(list.Messages) == 0 {
			return stored, nil
		}
	}
}
