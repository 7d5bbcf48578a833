package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/workspace"
)

const actorKey = "actor"

// actor is the user who is logged in. Routes for everybody have none.
func actor(c *gin.Context) workspace.User {
	u, _ := c.MustGet(actorKey).(workspace.User)
	return u
}

// authenticate lets through who is logged in by X-User-Id and X-Auth-Token.
func (a *API) authenticate(c *gin.Context) {
	a.letIn(c, c.GetHeader("X-User-Id"), c.GetHeader("X-Auth-Token"), a.notLoggedIn)
}

// letIn lets through whose token that is, and has everybody else refused.
func (a *API) letIn(c *gin.Context, userID, token string, refuse func(*gin.Context)) {
	u, err := a.Workspace.Authenticate(c.Request.Context(), userID, token)
	switch {
	case errors.Is(err, workspace.ErrNotLoggedIn):
		refuse(c)
	case err != nil:
		a.fail(c, err)
	default:
		c.Set(actorKey, u)
		return
	}
	c.Abort()
}

// notLoggedIn answers as the compatibility level has it.
func (a *API) notLoggedIn(c *gin.Context) {
	const text = "You must be logged in to do this."
	if a.Level >= 8 {
		write(c, http.StatusUnauthorized, struct {
			Success bool   `json:"success"`
			Error   string `json:"error"`
			Status  string `json:"status"`
			Message string `json:"message"`
		}{Error: text, Status: "error", Message: text})
		return
	}
	write(c, http.StatusUnauthorized, struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}{Status: "error", Message: text})
}

// authorize lets through who holds one of the permissions.
func (a *API) authorize(permissions []string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if a.Permissions.Grants().HasAny(actor(c).Roles, permissions...) {
			return
		}
		write(c, http.StatusForbidden, failure{
			Error: "User does not have the permissions required for this action [error-unauthorized]",
		})
		c.Abort()
	}
}
