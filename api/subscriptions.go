package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

// listOwnRooms answers the rooms of a type that the caller is in.
func (a *API) listOwnRooms(f family) gin.HandlerFunc {
	return func(c *gin.Context) {
		page, err := a.page(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		rooms, total, err := a.Workspace.OwnRooms(c.Request.Context(), actor(c), f.kind, page)
		if err != nil {
			a.fail(c, err)
			return
		}
		rows, err := a.counted(c.Request.Context(), rooms)
		a.reply(c, fields{f.list: rows, "count": len(rows), "offset": page.Offset, "total": total}, err)
	}
}

// getRooms answers the caller's rooms of all types that have changed since a time.
func (a *API) getRooms(c *gin.Context) {
	since, err := sinceOf(text(document(c), "updatedSince"))
	if err != nil {
		a.fail(c, err)
		return
	}
	rooms, _, err := a.Workspace.OwnRooms(c.Request.Context(), actor(c), "", workspace.Page{})
	if err != nil {
		a.fail(c, err)
		return
	}
	rooms = slices.DeleteFunc(rooms, func(r workspace.Room) bool { return !r.UpdatedAt.After(since) })
	rows, err := a.counted(c.Request.Context(), rooms)
	a.reply(c, fields{"update": rows, "remove": []string{}}, err)
}

// anyRoom answers any room that the caller may see.
func (a *API) anyRoom(c *gin.Context) {
	in := document(c)
	room, err := a.Workspace.Room(c.Request.Context(), actor(c), workspace.RoomRef{ID: text(in, "roomId"), Name: text(in, "roomName")},
		workspace.Channel, workspace.Group, workspace.Direct)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.replyRoom(c, "room", room)
}

// subscriptionJSON is a subscription as clients know it. What was read is not known here.
type subscriptionJSON struct {
	ID            string     `json:"_id"`
	RoomID        string     `json:"rid"`
	Name          string     `json:"name"`
	FullName      string     `json:"fname,omitzero"`
	Type          string     `json:"t"`
	User          authorJSON `json:"u"`
	Roles         []string   `json:"roles,omitzero"`
	Open          bool       `json:"open"`
	Alert         bool       `json:"alert"`
	Unread        int        `json:"unread"`
	UserMentions  int        `json:"userMentions"`
	GroupMentions int        `json:"groupMentions"`
	Blocked       bool       `json:"blocked,omitzero"`
	Archived      bool       `json:"archived,omitzero"`
	At            string     `json:"ts"`
	UpdatedAt     string     `json:"_updatedAt"`
}

func toSubscriptionJSON(m workspace.Membership, u workspace.User) subscriptionJSON {
	j := subscriptionJSON{
		ID: m.Subscription.ID, RoomID: m.Room.ID, Name: m.Room.Name, FullName: m.Room.DisplayName, Type: string(m.Room.Type),
		User: authorJSON(u.Ref()), Roles: m.Subscription.Roles, Open: true, Blocked: m.Subscription.Blocked, Archived: m.Room.Archived,
		At: isoTime(m.Subscription.CreatedAt), UpdatedAt: isoTime(m.UpdatedAt()),
	}
	for _, other := range m.Room.Members { // a direct room is called as the other one
		if other.ID != u.ID {
			j.Name, j.FullName = other.Username, other.Name
		}
	}
	return j
}

func (a *API) getSubscriptions(c *gin.Context) {
	since, err := sinceOf(text(document(c), "updatedSince"))
	if err != nil {
		a.fail(c, err)
		return
	}
	u := actor(c)
	found, err := a.Workspace.Memberships(c.Request.Context(), u)
	found = slices.DeleteFunc(found, func(m workspace.Membership) bool { return !m.UpdatedAt().After(since) })
	a.reply(c, fields{"update": each(found, func(m workspace.Membership) subscriptionJSON { return toSubscriptionJSON(m, u) }), "remove": []string{}}, err)
}
