package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) generatePersonalToken(c *gin.Context) {
	in := document(c)
	token, err := a.Workspace.NewPersonalToken(c.Request.Context(), actor(c), text(in, "tokenName"), member[bool](in, "bypassTwoFactor"))
	a.reply(c, fields{"token": token}, wordPersonalToken(err))
}

func (a *API) regeneratePersonalToken(c *gin.Context) {
	token, err := a.Workspace.RenewPersonalToken(c.Request.Context(), actor(c), text(document(c), "tokenName"))
	a.reply(c, fields{"token": token}, wordPersonalToken(err))
}

func (a *API) removePersonalToken(c *gin.Context) {
	err := a.Workspace.RemovePersonalToken(c.Request.Context(), actor(c), text(document(c), "tokenName"))
	a.reply(c, fields{}, wordPersonalToken(err))
}

type personalTokenJSON struct {
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`
	Ending    string `json:"lastTokenPart"`
	Bypass    bool   `json:"bypassTwoFactor"`
}

func (a *API) listPersonalTokens(c *gin.Context) {
	tokens, err := a.Workspace.PersonalTokens(c.Request.Context(), actor(c))
	a.reply(c, fields{"tokens": each(tokens, func(t workspace.Session) personalTokenJSON {
		return personalTokenJSON{t.Name, isoTime(t.CreatedAt), t.Ending, t.Bypass}
	})}, wordPersonalToken(err))
}

func wordPersonalToken(err error) error {
	if errors.Is(err, workspace.ErrNotAllowed) {
		return codeError("not-authorized", "Not Authorized")
	}
	return err
}
