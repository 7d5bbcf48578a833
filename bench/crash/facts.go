package main

import (
	"context"
	"encoding/json"
	"net/http"
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

// storedEvents counts the messages of a room, which is told by its name.
func storedEvents(ctx context.Context, server *beside.Process, admin http.Header, room string) (map[string]int, error) {
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
	return beside.StoredEvents(ctx, server, admin, info.Channel.ID)
}
