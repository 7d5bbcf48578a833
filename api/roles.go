package api

import (
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

type permissionJSON struct {
	ID        string   `json:"_id"`
	Roles     []string `json:"roles"`
	UpdatedAt string   `json:"_updatedAt"`
}

func toPermissionJSON(p permissions.Permission) permissionJSON {
	return permissionJSON{ID: p.ID, Roles: each(p.Roles, func(r string) string { return r }), UpdatedAt: isoTime(p.UpdatedAt)}
}

func (a *API) listPermissions(c *gin.Context) {
	since, err := sinceOf(text(document(c), "updatedSince"))
	if err != nil {
		a.fail(c, err)
		return
	}
	list, err := a.Permissions.List(c.Request.Context(), since)
	a.reply(c, struct {
		Update []permissionJSON `json:"update"`
		Remove []permissionJSON `json:"remove"`
	}{Update: each(list, toPermissionJSON), Remove: []permissionJSON{}}, err)
}

// sinceOf reads the date from which on changes are asked for.
func sinceOf(text string) (time.Time, error) {
	at, ok := dateOf(text)
	if !ok {
		return at, codeError("error-roomId-param-invalid", `The "updatedSince" query parameter must be a valid date.`)
	}
	return at, nil
}

func (a *API) updatePermissions(c *gin.Context) {
	var changed []permissions.Permission
	for _, item := range member[[]any](document(c), "permissions") {
		o, _ := item.(*schema.Object)
		changed = append(changed, permissions.Permission{ID: text(o, "_id"), Roles: texts(o, "roles")})
	}
	if err := a.Permissions.Update(c.Request.Context(), changed, a.Workspace.RoleExists); err != nil {
		a.fail(c, err)
		return
	}
	all, err := a.Permissions.List(c.Request.Context(), time.Time{})
	a.reply(c, fields{"permissions": each(all, toPermissionJSON)}, err)
}

type roleJSON struct {
	ID          string `json:"_id"`
	Name        string `json:"name"`
	Scope       string `json:"scope"`
	Description string `json:"description"`
	Mandatory2  bool   `json:"mandatory2fa"`
	Protected   bool   `json:"protected"`
	UpdatedAt   string `json:"_updatedAt"`
}

func toRoleJSON(r workspace.Role) roleJSON {
	return roleJSON{
		ID: r.ID, Name: r.Name, Scope: string(r.Scope), Description: r.Description, Protected: true, UpdatedAt: isoTime(r.UpdatedAt),
	}
}

func (a *API) listRoles(c *gin.Context) {
	a.reply(c, fields{"roles": each(a.Workspace.Roles(), toRoleJSON)}, nil)
}

func (a *API) addUserToRole(c *gin.Context) {
	role, err := a.Workspace.AddUserToRole(c.Request.Context(), actor(c), roleChange(document(c)))
	a.reply(c, fields{"role": toRoleJSON(role)}, wordRoleChange(err))
}

func (a *API) removeUserFromRole(c *gin.Context) {
	role, err := a.Workspace.RemoveUserFromRole(c.Request.Context(), actor(c), roleChange(document(c)))
	a.reply(c, fields{"role": toRoleJSON(role)}, wordRoleChange(err))
}

func roleChange(o *schema.Object) workspace.RoleChange {
	return workspace.RoleChange{Username: text(o, "username"), Role: firstOf(o, "roleId", "roleName"), RoomID: text(o, "roomId")}
}

func wordRoleChange(err error) error {
	if errors.Is(err, workspace.ErrNotAllowed) {
		return actionRefused(err, "Accessing permissions is not allowed")
	}
	return err
}
