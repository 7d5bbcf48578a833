package workspace

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

// newNotice is a message by which the server tells in a room what somebody did there: to whom, or what it
// is now. It is stored together with what it tells. It is no event: integrations never hear of it.
func newNotice(roomID string, kind NoticeKind, by User, text string) Message {
	at, groupable := now(), false
	return Message{
		ID: NewIDAt(at), RoomID: roomID, Kind: kind, Author: by.Ref(), Text: text, At: at, UpdatedAt: at, Groupable: &groupable,
	}
}

// arrival is the notice that a user is in a room now, by their own doing or another's.
func arrival(room Room, by, u User) Message {
	own, others := UserJoins, UserIsAdded
	if room.TeamMain {
		own, others = UserJoinsTeam, AddedToTeam
	}
	if by.ID == u.ID {
		others = own
	}
	return newNotice(room.ID, others, by, u.Username)
}

// departure is the notice that a user is in a room no more, by their own doing or another's.
func departure(room Room, by, u User) Message {
	own, others := UserLeaves, UserIsRemoved
	if room.TeamMain {
		own, others = UserLeavesTeam, RemovedFromTeam
	}
	if by.ID == u.ID {
		others = own
	}
	return newNotice(room.ID, others, by, u.Username)
}

// alterations are the notices of what is different about a room.
func alterations(by User, was, is Room) []Message {
	var told []Message
	add := func(changed bool, kind NoticeKind, text string) {
		if changed {
			told = append(told, newNotice(is.ID, kind, by, text))
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
