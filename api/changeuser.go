package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) updateUser(c *gin.Context) {
	in := document(c)
	data := member[*schema.Object](in, "data")
	change := userChange(data)
	change.Verified, change.Active = optional[bool](data, "verified").Value, optional[bool](data, "active").Value
	change.MustChange, change.Roles = optional[bool](data, "requirePasswordChange").Value, optionalTexts(data, "roles").Value
	change.CustomFields, change.Relinquish = customFields(data), member[bool](in, "confirmRelinquish")
	if password := text(data, "password"); password != "" {
		change.Password = &workspace.Password{Plain: password}
	}
	if member[bool](data, "setRandomPassword") {
		change.Password = &workspace.Password{Plain: workspace.RandomText(24)}
	}
	u, err := a.Workspace.ChangeUser(c.Request.Context(), actor(c), text(in, "userId"), change)
	if value, ok := errors.AsType[*workspace.ValueError](err); ok && errors.Is(err, workspace.ErrNotAllowed) {
		err = actionRefused(value, "Editing user is not allowed: this needs the permission "+value.Value)
	}
	a.reply(c, fields{"user": toUserJSON(u)}, err)
}

// userChange reads what users may change about themselves as well.
func userChange(data *schema.Object) workspace.UserChange {
	return workspace.UserChange{
		Username: optional[string](data, "username").Value, Name: optional[string](data, "name").Value, Email: optional[string](data, "email").Value,
		Bio: optional[string](data, "bio").Value, Nickname: optional[string](data, "nickname").Value, StatusText: optional[string](data, "statusText").Value,
	}
}

func (a *API) updateSelf(c *gin.Context) {
	in := document(c)
	data := member[*schema.Object](in, "data")
	change := userChange(data)
	change.CustomFields = customFields(in)
	own := workspace.OwnChange{
		UserChange: change, Present: workspace.Password{Digest: text(data, "currentPassword")}, Token: c.GetHeader("X-Auth-Token"),
	}
	if next := text(data, "newPassword"); next != "" {
		own.Password = &workspace.Password{Plain: next}
	}
	u, err := a.Workspace.ChangeSelf(c.Request.Context(), actor(c), own)
	a.reply(c, fields{"user": toUserJSON(u)}, err)
}

func (a *API) setActiveStatus(c *gin.Context) {
	in := document(c)
	u, err := a.Workspace.ChangeUser(c.Request.Context(), actor(c), text(in, "userId"), workspace.UserChange{
		Active: new(member[bool](in, "activeStatus")), Relinquish: member[bool](in, "confirmRelinquish"),
	})
	if errors.Is(err, workspace.ErrNotAllowed) {
		noStore(c)
		write(c, http.StatusForbidden, failure{Error: "unauthorized"})
		return
	}
	a.reply(c, fields{"user": fields{"_id": u.ID, "active": u.Active}}, err)
}

func (a *API) deleteUser(c *gin.Context) {
	in := document(c)
	u, err := a.userOf(c, text(in, "userId"), firstOf(in, "username", "user"))
	if err != nil {
		a.fail(c, err)
		return
	}
	rooms, err := a.Workspace.RemoveUser(c.Request.Context(), actor(c), u.ID, member[bool](in, "confirmRelinquish"))
	a.reply(c, fields{"deletedRooms": each(rooms, func(id string) string { return id })}, err)
}
