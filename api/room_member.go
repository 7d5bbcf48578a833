package api

import (
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// roomMember is one thing that can be changed about a room.
type roomMember struct {
	read   func(in *schema.Object) workspace.RoomChange
	sameAs string // words the refusal of what the room has already
	echo   string // the answer repeats this member instead of showing the room
}

var (
	roomName = roomMember{
		read:   func(in *schema.Object) workspace.RoomChange { return workspace.RoomChange{Name: new(text(in, "name"))} },
		sameAs: "name is the same as what it would be renamed to.",
	}
	roomReadOnly = roomMember{
		read: func(in *schema.Object) workspace.RoomChange {
			return workspace.RoomChange{ReadOnly: new(member[bool](in, "readOnly"))}
		},
		sameAs: "read only setting is the same as what it would be changed to.",
	}
	roomType = roomMember{
		read: func(in *schema.Object) workspace.RoomChange {
			return workspace.RoomChange{Type: new(workspace.RoomType(text(in, "type")))}
		},
		sameAs: "type is the same as what it would be changed to.",
	}
	roomTopic = roomMember{
		read: func(in *schema.Object) workspace.RoomChange {
			return workspace.RoomChange{Topic: new(text(in, "topic"))}
		},
		echo: "topic",
	}
	roomDescription = roomMember{
		read: func(in *schema.Object) workspace.RoomChange {
			return workspace.RoomChange{Description: new(text(in, "description"))}
		},
		echo: "description",
	}
)
