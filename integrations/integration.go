package integrations

import (
	"hash/crc32"
	"slices"
	"strconv"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Kind is the direction of an integration, by its name on the wire.
type Kind string

// Incoming integrations turn requests into messages, outgoing ones events into requests.
const (
	Incoming Kind = "webhook-incoming"
	Outgoing Kind = "webhook-outgoing"
)

// Engine is the only script engine; the name is upstream's.
const Engine = "isolated-vm"

// Integration is a configured webhook. Optional members are nil where their author left them out.
type Integration struct {
	ID       string
	Kind     Kind
	Name     string
	Enabled  bool
	Username string // posts as this user
	UserID   string
	Channels []string // as configured: #room, @user, all_public_channels, …
	Token    *string

	Alias  *string
	Avatar *string
	Emoji  *string

	Script         *string
	ScriptEnabled  bool
	ScriptEngine   string
	SkipTranspile  bool // class bodies stay strict
	ScriptCompiled *string
	ScriptError    *ScriptFault

	OverrideChannel bool // incoming: the request may name another channel

	// The rest is of outgoing integrations only.

	Event               workspace.EventKind
	TargetRoom          *string
	URLs                []string // nil: left out
	TriggerWords        []string // nil: left out
	TriggerWordAnywhere *bool
	RunOnEdits          *bool
	RetryFailedCalls    *bool
	RetryCount          *int
	RetryDelay          *string
	ImpersonateUser     *bool

	CreatedAt time.Time
	CreatedBy Actor
	UpdatedAt time.Time
	UpdatedBy *Actor // nil: never updated
}

// Actor names who made or changed a record.
type Actor struct{ ID, Username string }

// ScriptFault is a script's syntax error as it stands in the record.
type ScriptFault struct{ Name, Message, Stack string }

// LastError is the latest failure of an integration's script. It stands beside the integration:
// a failing script does not change the record.
type LastError struct {
	IntegrationID string
	At            time.Time
	Method        ScriptMethod
	Name, Message string
	Line, Column  int    // in the author's text, from 1; zero where unknown
	Stack         string // with the text of that line; empty where nothing of the script ran
	Console       []string
	Remedy        string // what the author can do about it, empty where nothing is known
}

// runnable reports whether the record has a script to run; in an index it has none. What an older text
// compiled to stays in the record and does not run once the text is gone.
func (i Integration) runnable() bool {
	return i.ScriptEnabled && !blank(text(i.Script)) && text(i.ScriptCompiled) != ""
}

// version names the state of the record that a script's kept state belongs to. The script's text is
// part of it: it can be saved by an update whose other parts are refused.
func (i Integration) version() string {
	return i.UpdatedAt.Format(time.RFC3339Nano) + " " + strconv.FormatUint(uint64(checksum(text(i.ScriptCompiled))), 16)
}

// checksum goes through a text in parts: each call of a hook asks for it, and a compiled script may have
// megabytes, of which a copy would be made otherwise.
func checksum(text string) (sum uint32) {
	part := make([]byte, min(len(text), 4<<10))
	for text != "" {
		n := copy(part, text)
		sum = crc32.Update(sum, crc32.IEEETable, part[:n])
		text = text[n:]
	}
	return sum
}

// eventUse says what an event lets its integrations configure.
type eventUse struct{ channels, triggerWords, targetRoom bool }

var eventUses = map[workspace.EventKind]eventUse{
	workspace.SendMessage:  {channels: true, triggerWords: true},
	workspace.FileUploaded: {channels: true},
	workspace.RoomJoined:   {channels: true},
	workspace.RoomLeft:     {channels: true},
	workspace.RoomArchived: {},
	workspace.RoomCreated:  {},
	workspace.UserCreated:  {targetRoom: true},
}

// The names that stand for many rooms.
const (
	AllPublicChannels = "all_public_channels"
	AllPrivateGroups  = "all_private_groups"
	AllDirectMessages = "all_direct_messages"
)

var scopedNames = []string{AllPublicChannels, AllPrivateGroups, AllDirectMessages}

func isScopedName(channel string) bool { return slices.Contains(scopedNames, channel) }

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func yes(p *bool) bool { return p != nil && *p }
