package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// family is a set of endpoints for one type of room: they do the same and differ in their words.
type family struct {
	kind workspace.RoomType
	name string // of one room
	list string // of many
}

var (
	channels = family{kind: workspace.Channel, name: "channel", list: "channels"}
	groups   = family{kind: workspace.Group, name: "group", list: "groups"}
)

func (a *API) createRoom(f family) gin.HandlerFunc {
	return func(c *gin.Context) {
		in := document(c)
		extra := member[*schema.Object](in, "extraData")
		if extra == nil {
			extra = schema.NewObject()
		}
		room, err := a.Workspace.CreateRoom(c.Request.Context(), actor(c), workspace.NewRoom{
			Type: f.kind, Name: text(in, "name"), Topic: text(extra, "topic"), Members: texts(in, "members"),
			ReadOnly: member[bool](in, "readOnly"), Broadcast: member[bool](extra, "broadcast"),
			ExcludeSelf: member[bool](in, "excludeSelf"), CustomFields: customFields(in), TeamID: text(extra, "teamId"),
		})
		if err != nil {
			a.failRoom(c, err)
			return
		}
		a.replyRoom(c, f.name, room)
	}
}

// replyRoom answers a room with what stands in it.
func (a *API) replyRoom(c *gin.Context, name string, room workspace.Room) {
	stats, err := a.Workspace.RoomStats(c.Request.Context(), room)
	a.reply(c, fields{name: toRoomJSON(room).with(stats)}, err)
}

func (a *API) roomInfo(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) { a.replyRoom(c, f.name, room) })
}

func (a *API) listRooms(f family) gin.HandlerFunc {
	return func(c *gin.Context) {
		page, err := a.page(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		rooms, total, err := a.Workspace.Rooms(c.Request.Context(), actor(c), workspace.RoomFilter{Type: f.kind}, page)
		if err != nil {
			a.fail(c, err)
			return
		}
		rows, err := a.counted(c.Request.Context(), rooms)
		a.reply(c, fields{f.list: rows, "count": len(rows), "offset": page.Offset, "total": total}, err)
	}
}

func (a *API) counted(ctx context.Context, rooms []workspace.Room) ([]roomJSON, error) {
	rows := make([]roomJSON, 0, len(rooms))
	for _, room := range rooms {
		stats, err := a.Workspace.RoomStats(ctx, room)
		if err != nil {
			return nil, err
		}
		rows = append(rows, toRoomJSON(room).with(stats))
	}
	return rows, nil
}

func (a *API) roomMessages(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		page, err := a.page(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		found, total, err := a.Workspace.Messages(c.Request.Context(), room, page)
		a.replyMessages(c, found, page, total, err)
	})
}

func (a *API) roomMembers(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		page, err := a.page(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		found, total, err := a.Workspace.Members(c.Request.Context(), room, text(document(c), "filter"), page)
		rows := each(found, toPublicUserJSON)
		a.reply(c, userPage{Members: rows, Count: len(rows), Offset: page.Offset, Total: total}, err)
	})
}

func (a *API) joinChannel(c *gin.Context) {
	a.inRoom(channels, func(c *gin.Context, room workspace.Room) {
		if err := a.Workspace.Join(c.Request.Context(), actor(c), room); err != nil {
			a.fail(c, wordRoom(channels, room, err))
			return
		}
		a.replyRoom(c, channels.name, room)
	})(c)
}

func (a *API) inviteToRoom(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		users, err := a.invited(c, document(c))
		if err != nil {
			a.fail(c, err)
			return
		}
		if err := a.Workspace.Invite(c.Request.Context(), actor(c), room, users); err != nil {
			a.fail(c, wordRoom(f, room, err))
			return
		}
		a.replyRoom(c, f.name, room)
	})
}

// invited answers the users that a request names, in any of the ways that clients do.
func (a *API) invited(c *gin.Context, in *schema.Object) ([]workspace.User, error) {
	var users []workspace.User
	add := func(id, username string) error {
		u, err := a.userOf(c, id, username)
		users = append(users, u)
		return err
	}
	for _, id := range texts(in, "userIds") {
		if err := add(id, ""); err != nil {
			return nil, err
		}
	}
	for _, username := range texts(in, "usernames") {
		if err := add("", username); err != nil {
			return nil, err
		}
	}
	if len(users) > 0 {
		return users, nil
	}
	return users, add(text(in, "userId"), firstOf(in, "username", "user"))
}

func (a *API) createDirect(c *gin.Context) {
	in := document(c)
	var usernames []string
	for name := range strings.SplitSeq(firstOf(in, "usernames", "username"), ",") {
		if name = strings.TrimPrefix(strings.TrimSpace(name), "@"); name != "" {
			usernames = append(usernames, name)
		}
	}
	room, err := a.Workspace.CreateDirect(c.Request.Context(), actor(c), usernames, member[bool](in, "excludeSelf"))
	a.reply(c, fields{"room": directJSON{roomJSON: toRoomJSON(room), RoomID: room.ID}}, err)
}

// directJSON names the room by rid, too, as im.create always has.
type directJSON struct {
	roomJSON

	RoomID string `json:"rid"`
}

// inRoom finds the room that a request names by roomId or roomName, for members of it or, if it is
// a channel, for all who may see channels.
func (a *API) inRoom(f family, serve func(c *gin.Context, room workspace.Room)) gin.HandlerFunc {
	return func(c *gin.Context) {
		in := document(c)
		ref := workspace.RoomRef{ID: text(in, "roomId"), Name: text(in, "roomName")}
		if ref.ID == "" && ref.Name == "" {
			a.fail(c, codeError("error-roomid-param-not-provided", `The parameter "roomId" or "roomName" is required`))
			return
		}
		room, err := a.Workspace.Room(c.Request.Context(), actor(c), ref, f.kind)
		switch {
		case errors.Is(err, workspace.ErrUnknownRoom):
			a.fail(c, codeError("error-room-not-found", `The required "roomId" or "roomName" param provided does not match any `+f.name))
		case errors.Is(err, workspace.ErrNotAllowed) && f.kind != workspace.Channel: // whether the room exists is not told
			a.fail(c, codeError("error-room-not-found", `The required "roomId" or "roomName" param provided does not match any `+f.name))
		case errors.Is(err, workspace.ErrNotAllowed):
			noStore(c)
			write(c, http.StatusForbidden, failure{Error: "unauthorized"})
		case err != nil:
			a.fail(c, err)
		default:
			serve(c, room)
		}
	}
}

// failRoom words what only the making of a room is refused for.
func (a *API) failRoom(c *gin.Context, err error) {
	if errors.Is(err, workspace.ErrNotAllowed) {
		noStore(c)
		write(c, http.StatusForbidden, failure{Error: "unauthorized"})
		return
	}
	a.fail(c, err)
}
