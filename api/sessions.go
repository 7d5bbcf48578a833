package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

// createToken logs another user in.
func (a *API) createToken(c *gin.Context) {
	in := document(c)
	u, err := a.userOf(c, text(in, "userId"), firstOf(in, "username", "user"))
	if err != nil {
		a.fail(c, err)
		return
	}
	session, err := a.Workspace.LoginAs(c.Request.Context(), actor(c), u)
	a.reply(c, fields{"data": fields{"userId": u.ID, "authToken": session.Token}}, wordSession(err))
}

func (a *API) logoutUser(c *gin.Context) {
	u := actor(c)
	var err error
	if id := text(document(c), "userId"); id != "" {
		u, err = a.userOf(c, id, "")
	}
	if err == nil {
		err = a.Workspace.EndLogins(c.Request.Context(), actor(c), u)
	}
	a.reply(c, fields{"message": "User " + u.ID + " has been logged out!"}, wordSession(err))
}

func (a *API) logoutOtherClients(c *gin.Context) {
	token := c.GetHeader("X-Auth-Token")
	err := a.Workspace.EndOtherLogins(c.Request.Context(), actor(c), token)
	expires := ""
	if err == nil {
		expires, err = a.expiryOf(c, token)
	}
	a.reply(c, fields{"token": token, "tokenExpires": expires}, err)
}

// expiryOf answers when the login that the token opened ends; nothing of one that does not.
func (a *API) expiryOf(c *gin.Context, token string) (string, error) {
	logins, err := a.Workspace.Logins(c.Request.Context(), actor(c))
	for _, login := range logins {
		if workspace.IsLogin(login, token) {
			return isoTime(login.ExpiresAt), nil
		}
	}
	return "", err
}

func (a *API) removeOtherTokens(c *gin.Context) {
	a.reply(c, fields{}, a.Workspace.EndOtherLogins(c.Request.Context(), actor(c), c.GetHeader("X-Auth-Token")))
}

// loginJSON is a login as its user sees it.
type loginJSON struct {
	ID        string `json:"sessionId"`
	UserID    string `json:"userId"`
	LoginAt   string `json:"loginAt"`
	ExpiresAt string `json:"expiresAt"`
	Current   bool   `json:"current"`
}

func (a *API) listSessions(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	token := c.GetHeader("X-Auth-Token")
	logins, err := a.Workspace.Logins(c.Request.Context(), actor(c))
	rows := each(cut(logins, page), func(s workspace.Session) loginJSON {
		return loginJSON{s.Hash, s.UserID, isoTime(s.CreatedAt), isoTime(s.ExpiresAt), workspace.IsLogin(s, token)}
	})
	a.reply(c, fields{"sessions": rows, "count": len(rows), "offset": page.Offset, "total": len(logins)}, err)
}

func (a *API) logoutSession(c *gin.Context) {
	id := text(document(c), "sessionId")
	err := a.Workspace.EndLogin(c.Request.Context(), actor(c), id)
	a.reply(c, fields{"sessionId": id}, err)
}

func wordSession(err error) error {
	if errors.Is(err, workspace.ErrNotAllowed) {
		return codeError("error-not-authorized", "Not authorized")
	}
	return err
}
