package workspace

import (
	"time"
	"unicode/utf16"
)

// Message is what stands in a room.
type Message struct {
	ID          string
	RoomID      string
	Kind        NoticeKind // of a notice; empty: somebody wrote it
	Author      UserRef
	Text        string
	At          time.Time
	UpdatedAt   time.Time
	Alias       string
	Avatar      string
	Emoji       string
	Attachments []byte // JSON array, or nil
	Files       []FileRef
	Groupable   *bool // nil: as the client likes
	ParseURLs   bool
	ThreadID    string
	InRoom      bool   // a reply that its room shows, too, not its thread alone
	Custom      []byte // JSON object of custom fields, or nil
	Bot         []byte // JSON of the bot mark, such as {"i":"integration id"}, or nil
	EditedAt    time.Time
	EditedBy    UserRef
	Reactions   []Reaction // in the order in which they came up
	// Causes are the ids of the integrations whose deliveries led to this message, oldest first:
	// none of them runs for it again.
	Causes []string
}

// Reaction is an emoji and who reacted with it, the first one first.
type Reaction struct {
	Emoji     string // with its colons
	Usernames []string
}

// Edited reports whether the message was changed after it was posted.
func (m Message) Edited() bool { return !m.EditedAt.IsZero() }

// Length counts a text as JavaScript does, in UTF-16 units: the unit of Message_MaxAllowedSize.
func Length(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
