package api

import (
	"errors"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) postMessage(c *gin.Context) {
	content, err := workspace.ReadContent(schema.Encode(document(c)))
	if err != nil {
		a.fail(c, err)
		return
	}
	draft := content.Draft(actor(c), workspace.Defaults{})
	draft.Separate = false
	posted, err := a.post(c, draft)
	switch {
	case err != nil:
		a.fail(c, err)
	case len(posted) == 0:
		a.fail(c, plainError("unknown-error"))
	default:
		m := posted[0].Message
		a.reply(c, struct {
			At      int64       `json:"ts"`
			Channel string      `json:"channel"`
			Message messageJSON `json:"message"`
		}{At: m.At.UnixMilli(), Channel: posted[0].Target, Message: toMessageJSON(m)}, nil)
	}
}

// sendMessage posts a message object in a room by id, never by name. Its id may be the client's own.
func (a *API) sendMessage(c *gin.Context) {
	in := member[*schema.Object](document(c), "message")
	if text(in, "rid") == "" {
		a.fail(c, plainError("The 'rid' property on the message object is missing."))
		return
	}
	room, err := a.Workspace.RoomByID(c.Request.Context(), text(in, "rid"))
	if errors.Is(err, workspace.ErrNotFound) {
		a.fail(c, plainError("error-invalid-room"))
		return
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	content, err := workspace.ReadContent(schema.Encode(in))
	if err != nil {
		a.fail(c, err)
		return
	}
	draft := content.Draft(actor(c), workspace.Defaults{})
	draft.Targets = []string{room.ID}
	draft.ID = text(in, "_id")
	draft.InRoom = member[bool](in, "tshow")
	if draft.InRoom && draft.ThreadID == "" {
		a.fail(c, codeError("invalid-params", "tshow provided but missing tmid"))
		return
	}
	draft.Separate = false
	posted, err := a.post(c, draft)
	switch {
	case errors.Is(err, workspace.ErrConflict):
		a.fail(c, codeError("error-invalid-message", "A message with the id "+draft.ID+" exists"))
	case err != nil:
		a.fail(c, err)
	default:
		a.reply(c, fields{"message": toMessageJSON(posted[0].Message)}, nil)
	}
}

func (a *API) updateMessage(c *gin.Context) {
	in := document(c)
	id := text(in, "msgId")
	m, err := a.Workspace.EditMessage(c.Request.Context(), actor(c), text(in, "roomId"), id, text(in, "text"))
	if errors.Is(err, workspace.ErrNotAllowed) {
		err = actionRefused(err, "Message editing not allowed")
	}
	a.reply(c, fields{"message": toMessageJSON(m)}, wordMessage(id, err))
}

func (a *API) deleteMessage(c *gin.Context) {
	in := document(c)
	id := text(in, "msgId")
	m, err := a.Workspace.DeleteMessage(c.Request.Context(), actor(c), text(in, "roomId"), id)
	if errors.Is(err, workspace.ErrNotAllowed) {
		err = actionRefused(err, "Not allowed")
	}
	a.reply(c, struct {
		ID      string             `json:"_id"`
		At      string             `json:"ts"`
		Message deletedMessageJSON `json:"message"`
	}{ID: m.ID, At: strconv.FormatInt(time.Now().UnixMilli(), 10), Message: deletedMessageJSON{ID: m.ID, RoomID: m.RoomID, Author: authorJSON(m.Author)}}, wordMessage(id, err))
}

type deletedMessageJSON struct {
	ID     string     `json:"_id"`
	RoomID string     `json:"rid"`
	Author authorJSON `json:"u"`
}

func (a *API) getMessage(c *gin.Context) {
	id := text(document(c), "msgId")
	m, err := a.Workspace.Message(c.Request.Context(), actor(c), id)
	a.reply(c, fields{"message": toMessageJSON(m)}, wordMessage(id, err))
}

// wordMessage names the message that was not found.
func wordMessage(id string, err error) error {
	if errors.Is(err, workspace.ErrUnknownMessage) {
		return plainError(`No message found with the id of "` + id + `".`)
	}
	return err
}
