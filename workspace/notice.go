package workspace

import (
	"context"
	"fmt"
)

// NoticeKind names what a notice tells, in upstream's words.
type NoticeKind string

// What happens in rooms and is told there.
const (
	UserJoins       NoticeKind = "uj"
	UserLeaves      NoticeKind = "ul"
	UserIsAdded     NoticeKind = "au"
	UserIsRemoved   NoticeKind = "ru"
	UserJoinsTeam   NoticeKind = "ujt"
	UserLeavesTeam  NoticeKind = "ult"
	AddedToTeam     NoticeKind = "added-user-to-team"
	RemovedFromTeam NoticeKind = "removed-user-from-team"
	TeamGetsRoom    NoticeKind = "user-added-room-to-team"
	RoomRenames     NoticeKind = "r"
	TopicChanges    NoticeKind = "room_changed_topic"
	AboutChanges    NoticeKind = "room_changed_description"
	TypeChanges     NoticeKind = "room_changed_privacy"
	ReadOnlyIsSet   NoticeKind = "room-set-read-only"
	ReadOnlyEnds    NoticeKind = "room-removed-read-only"
	RoomCloses      NoticeKind = "room-archived"
	RoomOpens       NoticeKind = "room-unarchived"
)

// notice is a message by which the server tells in a room what somebody did there. It is no event:
// integrations never hear of it.
type notice struct {
	kind NoticeKind
	by   User
	text string // whom it happened to, or what it is now
}

// tell writes notices down, after what they tell has been stored. A crash in between costs the notice.
func (s *Service) tell(ctx context.Context, roomID string, notices ...notice) error {
	if len(notices) == 0 {
		return nil
	}
	var messages []Message
	for _, n := range notices {
		at, groupable := now(), false
		messages = append(messages, Message{
			ID: newMessageID(at), RoomID: roomID, Kind: n.kind, Author: n.by.Ref(), Text: n.text, At: at, UpdatedAt: at, Groupable: &groupable,
		})
	}
	if err := s.store.AddMessages(ctx, messages, nil); err != nil {
		return fmt.Errorf("store notices: %w", err)
	}
	return nil
}

// arrival is the notice that a user is in a room now, by their own doing or another's.
func arrival(room Room, by, u User) notice {
	own, others := UserJoins, UserIsAdded
	if room.TeamMain {
		own, others = UserJoinsTeam, AddedToTeam
	}
	if by.ID == u.ID {
		others = own
	}
	return notice{others, by, u.Username}
}

// departure is the notice that a user is in a room no more, by their own doing or another's.
func departure(room Room, by, u User) notice {
	own, others := UserLeaves, UserIsRemoved
	if room.TeamMain {
		own, others = UserLeavesTeam, RemovedFromTeam
	}
	if by.ID == u.ID {
		others = own
	}
	return notice{others, by, u.Username}
}

// alterations are the notices of what is different about a room.
func alterations(by User, was, is Room) []notice {
	var told []notice
	add := func(changed bool, kind NoticeKind, text string) {
		if changed {
			told = append(told, notice{kind, by, text})
		}
	}
	add(is.Name != was.Name, RoomRenames, is.Name)
	add(is.Topic != was.Topic, TopicChanges, is.Topic)
	add(is.Description != was.Description, AboutChanges, is.Description)
	add(is.Type != was.Type, TypeChanges, typeInWords(is))
	add(is.ReadOnly && !was.ReadOnly, ReadOnlyIsSet, "")
	add(was.ReadOnly && !is.ReadOnly, ReadOnlyEnds, "")
	add(is.Archived && !was.Archived, RoomCloses, "")
	add(was.Archived && !is.Archived, RoomOpens, "")
	return told
}

func typeInWords(room Room) string { return byType(room, "Channel", "Private Group") }
