package workspace

import (
	"time"
)

// RoomType is upstream's one-letter type.
type RoomType string

// The types of rooms.
const (
	Channel RoomType = "c" // public
	Group   RoomType = "p" // private
	Direct  RoomType = "d"
)

// Room is where messages live.
type Room struct {
	ID           string
	Type         RoomType
	Name         string // empty for direct rooms
	DisplayName  string
	Topic        string
	Description  string
	Creator      UserRef
	Members      []UserRef // of direct rooms only, in the order of their ids
	ReadOnly     bool
	Default      bool // every new user joins
	Archived     bool
	Broadcast    bool
	Muted        []string // usernames that may not post
	CustomFields []byte   // JSON object, or nil
	TeamID       string   // of the team that the room belongs to
	TeamMain     bool     // it is that team's main room
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Subscription says that a user is in a room.
type Subscription struct {
	ID        string
	RoomID    string
	UserID    string
	Roles     []string // held in this room only: owner, moderator, leader
	Blocked   bool     // of a direct room: nobody may post
	CreatedAt time.Time
}

// DirectID is the id of the one direct room that two users share.
func DirectID(a, b string) string { return min(a, b) + max(a, b) }
