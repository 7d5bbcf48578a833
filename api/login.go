package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) login(c *gin.Context) {
	in, err := a.Workspace.Login(c.Request.Context(), loginRequest(document(c), a.clientIP(c)))
	if err != nil {
		a.failLogin(c, err)
		return
	}
	a.reply(c, loggedInJSON{
		Status: "success",
		Data:   sessionJSON{UserID: in.User.ID, AuthToken: in.Token, Me: a.toMeJSON(in.User)},
	}, nil)
}

// loginRequest reads who logs in: user (an e-mail address where it has an @), username or email,
// or the object {username} or {email} that Rocket.Chat's own clients send.
func loginRequest(o *schema.Object, address string) workspace.Login {
	in := workspace.Login{
		Username: text(o, "username"), Email: text(o, "email"), Resume: text(o, "resume"), Address: address,
		Password: workspace.Password{Plain: text(o, "password")},
	}
	if inner := member[*schema.Object](o, "password"); inner != nil && text(inner, "algorithm") == "sha-256" {
		in.Password = workspace.Password{Digest: text(inner, "digest")}
	}
	user := text(o, "user")
	if inner := member[*schema.Object](o, "user"); inner != nil {
		in.Username, in.Email = text(inner, "username"), text(inner, "email")
	}
	switch {
	case user == "":
	case strings.Contains(user, "@"):
		in.Email = user
	default:
		in.Username = user
	}
	return in
}

type loggedInJSON struct {
	Status string      `json:"status"`
	Data   sessionJSON `json:"data"`
}

type sessionJSON struct {
	UserID    string `json:"userId"`
	AuthToken string `json:"authToken"`
	Me        meJSON `json:"me"`
}

type loginFailure struct {
	Success bool   `json:"success"`
	Error   string `json:"error"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// failLogin tells apart neither unknown users nor wrong passwords.
func (a *API) failLogin(c *gin.Context, err error) {
	reason := "Unauthorized"
	switch {
	case errors.Is(err, workspace.ErrInactive):
		reason = "User is not activated. [error-user-is-not-activated]"
	case errors.Is(err, workspace.ErrNotLoggedIn):
		reason = "You've been logged out by the server. Please log in again. [403]"
	case errors.Is(err, workspace.ErrUnknownUser), errors.Is(err, workspace.ErrWrongPassword):
	default:
		a.fail(c, err)
		return
	}
	noStore(c)
	write(c, http.StatusUnauthorized, loginFailure{Error: reason, Status: "error", Message: reason})
}

func (a *API) logout(c *gin.Context) {
	err := a.Workspace.Logout(c.Request.Context(), c.GetHeader("X-Auth-Token"))
	a.reply(c, fields{"status": "success", "data": map[string]string{"message": "You've been logged out!"}}, err)
}

func (a *API) me(c *gin.Context) { a.reply(c, a.toMeJSON(actor(c)), nil) }
