package api

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) react(c *gin.Context) {
	in := document(c)
	emoji := firstOf(in, "emoji", "reaction")
	if emoji == "" {
		a.fail(c, codeError("error-emoji-param-not-provided", `The required "emoji" param is missing.`))
		return
	}
	err := a.Workspace.React(c.Request.Context(), actor(c), text(in, "messageId"), emoji, optional[bool](in, "shouldReact").Value)
	if errors.Is(err, workspace.ErrUnknownMessage) {
		err = codeError("error-message-not-found", `The provided "messageId" does not match any existing message.`)
	}
	a.reply(c, fields{}, err)
}

func (a *API) threadMessages(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	id := text(document(c), "tmid")
	found, total, err := a.Workspace.Thread(c.Request.Context(), actor(c), id, page)
	a.replyMessages(c, found, page, total, wordMessage(id, err))
}

func (a *API) replyMessages(c *gin.Context, found []workspace.Message, page workspace.Page, total int, err error) {
	rows := each(found, toMessageJSON)
	a.reply(c, messagePage{Messages: rows, Count: len(rows), Offset: page.Offset, Total: total}, err)
}

// historyLength is how many messages a history has unless the query says otherwise.
const historyLength = 20

func (a *API) roomHistory(f family) gin.HandlerFunc {
	return a.inRoom(f, func(c *gin.Context, room workspace.Room) {
		page, err := a.page(c)
		q := document(c)
		if _, given := q.Get("count"); !given {
			page.Count = historyLength
		}
		between := workspace.MessageFilter{Bounds: text(q, "inclusive") == "true"}
		if err == nil {
			between.After, err = timeOf("oldest", text(q, "oldest"))
		}
		if err == nil {
			between.Before, err = timeOf("latest", text(q, "latest"))
		}
		if err != nil {
			a.fail(c, err)
			return
		}
		found, _, err := a.Workspace.History(c.Request.Context(), room, between, page)
		a.reply(c, fields{"messages": each(found, toMessageJSON)}, err)
	})
}

// timeOf reads a time of a query.
func timeOf(name, text string) (time.Time, error) {
	at, ok := dateOf(text)
	if !ok {
		return at, codeError("error-invalid-"+name, `The "`+name+`" query parameter must be a valid date.`)
	}
	return at, nil
}
