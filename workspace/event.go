package workspace

import (
	"context"
	"time"
)

// EventKind names what happened, in upstream's words.
type EventKind string

// The events that outgoing integrations can listen to.
const (
	SendMessage  EventKind = "sendMessage"
	FileUploaded EventKind = "fileUploaded"
	RoomArchived EventKind = "roomArchived"
	RoomCreated  EventKind = "roomCreated"
	RoomJoined   EventKind = "roomJoined"
	RoomLeft     EventKind = "roomLeft"
	UserCreated  EventKind = "userCreated"
)

// Event is something that happened in the workspace.
type Event struct {
	Kind    EventKind
	At      time.Time
	User    User     // who caused it: the author, creator or archiver, who joined or left, who is new
	Room    Room     // of all but userCreated
	Message Message  // of sendMessage and fileUploaded
	Causes  []string // ids of the integrations whose deliveries led to it, oldest first
	Trace   string   // traceparent of what led to it; empty: none
	Relayed bool     // another chat server told of it, and may do so again in answer to what it leads to
	// Stats are of the room once it has happened. A sendMessage goes without, as nobody is told.
	Stats RoomStats
}

// Effect is something to carry out because of an event. It is stored together with what caused
// the event; its body is opaque to the workspace.
type Effect struct {
	ID      string
	Key     string // what the effect belongs to, for finding it again
	Lane    string // what it stands in line with
	Ordered bool   // in its lane, one effect comes after the other; all of a lane say the same
	At      time.Time
	Due     time.Time
	Body    []byte
}

// Dispatcher answers what an event leads to. It must be quick and must not write.
type Dispatcher interface {
	Plan(ctx context.Context, ev Event) ([]Effect, error)
}
