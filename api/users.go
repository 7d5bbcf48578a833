package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) createUser(c *gin.Context) {
	in := document(c)
	flag := func(name string) bool { return member[bool](in, name) }
	password := workspace.Password{Plain: text(in, "password")}
	if flag("setRandomPassword") {
		password.Plain = workspace.RandomText(24)
	}
	active, joins := optional[bool](in, "active").Value, optional[bool](in, "joinDefaultChannels").Value
	u, err := a.Workspace.CreateUser(c.Request.Context(), actor(c), workspace.NewUser{
		Username: text(in, "username"), Name: text(in, "name"), Email: text(in, "email"), Verified: flag("verified"),
		Password: password, Roles: texts(in, "roles"), Inactive: active != nil && !*active, SkipDefaults: joins != nil && !*joins,
		Bio: text(in, "bio"), Nickname: text(in, "nickname"), StatusText: text(in, "statusText"),
		CustomFields: customFields(in), MustChange: flag("requirePasswordChange"),
	})
	if _, named := errors.AsType[*workspace.ValueError](err); !named && errors.Is(err, workspace.ErrNotAllowed) {
		err = actionRefused(err, "Adding user is not allowed")
	}
	a.reply(c, fields{"user": toUserJSON(u)}, err)
}

func (a *API) userInfo(c *gin.Context) {
	q := document(c)
	u, err := a.userOf(c, text(q, "userId"), text(q, "username"))
	if errors.Is(err, workspace.ErrNotFound) {
		err = plainError("User not found.")
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	shape := toPublicUserJSON(u)
	if viewer := actor(c); viewer.ID == u.ID || a.Workspace.Can(viewer, permissions.ViewFullUserInfo) {
		shape = toUserJSON(u)
	}
	a.reply(c, fields{"user": shape}, nil)
}

// userOf answers the user that a request names by id or username.
func (a *API) userOf(c *gin.Context, id, username string) (u workspace.User, err error) {
	switch {
	case id != "":
		u, err = a.Workspace.User(c.Request.Context(), id)
	case username != "":
		u, err = a.Workspace.UserByUsername(c.Request.Context(), username)
	default:
		return u, codeError("error-user-param-not-provided", `The required "userId" or "username" param was not provided`)
	}
	if errors.Is(err, workspace.ErrNotFound) {
		words := wording{code: "error-invalid-user", reason: `The required "userId" or "username" param provided does not match any users`}
		return u, &thrown{wording: words, cause: err}
	}
	return u, err
}

func (a *API) listUsers(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	found, total, err := a.Workspace.Users(c.Request.Context(), actor(c), workspace.UserFilter{Text: text(document(c), "name")}, page)
	shape := toPublicUserJSON
	if a.Workspace.Can(actor(c), permissions.ViewFullUserInfo) {
		shape = toUserJSON
	}
	rows := each(found, shape)
	a.reply(c, userPage{Users: rows, Count: len(rows), Offset: page.Offset, Total: total}, err)
}

// userPage is a page of users, or of a room's members.
type userPage struct {
	Users   []userJSON `json:"users,omitzero"`
	Members []userJSON `json:"members,omitzero"`
	Count   int        `json:"count"`
	Offset  int        `json:"offset"`
	Total   int        `json:"total"`
}
