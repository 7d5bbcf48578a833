package api

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) leaveRoom(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		if err := a.Workspace.Leave(c.Request.Context(), actor(c), room); err != nil {
			a.fail(c, wordRoom(f, room, err))
			return
		}
		a.replyRoom(c, f.name, room)
	})
}

func (a *API) kickFromRoom(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		in := document(c)
		user, err := a.userOf(c, text(in, "userId"), firstOf(in, "username", "user"))
		if err == nil {
			err = a.Workspace.Kick(c.Request.Context(), actor(c), room, user)
		}
		if err != nil {
			a.fail(c, wordRoom(f, room, err))
			return
		}
		a.replyRoom(c, f.name, room)
	})
}

// onRoom does something to a room of which there is nothing to tell afterwards.
func (a *API) onRoom(f family, do func(ctx context.Context, actor workspace.User, room workspace.Room) error) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		a.reply(c, fields{}, wordRoom(f, room, do(c.Request.Context(), actor(c), room)))
	})
}

func (a *API) archiveRoom(f family) gin.HandlerFunc   { return a.onRoom(f, a.Workspace.Archive) }
func (a *API) unarchiveRoom(f family) gin.HandlerFunc { return a.onRoom(f, a.Workspace.Unarchive) }
func (a *API) deleteRoom(f family) gin.HandlerFunc    { return a.onRoom(f, a.Workspace.RemoveRoom) }

// changeRoom changes what read finds in the request. The answer is the room, or the text that was
// set, under its own name.
func (a *API) changeRoom(f family, what roomMember) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		in := document(c)
		change := what.read(in)
		changed, err := a.Workspace.ChangeRoom(c.Request.Context(), actor(c), room, change)
		switch {
		case errors.Is(err, workspace.ErrSame):
			a.fail(c, plainError("The "+f.name+" "+what.sameAs))
		case err != nil:
			a.fail(c, wordRoom(f, room, err))
		case what.echo != "":
			a.reply(c, fields{what.echo: text(in, what.echo)}, nil)
		default:
			a.replyRoom(c, f.name, changed)
		}
	})
}

// wordRoom names the room where upstream does.
func wordRoom(f family, room workspace.Room, err error) error {
	switch {
	case errors.Is(err, workspace.ErrArchived):
		return codeError("error-room-archived", "The "+f.name+", "+room.Name+", is archived")
	case errors.Is(err, workspace.ErrNotArchived):
		return plainError("The " + f.name + ", " + room.Name + ", is not archived")
	default:
		return err
	}
}
