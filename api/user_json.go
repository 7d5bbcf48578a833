package api

import (
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// userJSON is a user as others see them.
type userJSON struct {
	ID           string         `json:"_id"`
	Username     string         `json:"username"`
	Name         string         `json:"name,omitzero"`
	Type         string         `json:"type"`
	Status       string         `json:"status"`
	Active       bool           `json:"active"`
	StatusText   string         `json:"statusText,omitzero"`
	Nickname     string         `json:"nickname,omitzero"`
	Bio          string         `json:"bio,omitzero"`
	Roles        []string       `json:"roles,omitzero"`
	Emails       []emailJSON    `json:"emails,omitzero"`
	CustomFields jsontext.Value `json:"customFields,omitzero"`
	MustChange   bool           `json:"requirePasswordChange,omitzero"`
	CreatedAt    string         `json:"createdAt,omitzero"`
	UpdatedAt    string         `json:"_updatedAt,omitzero"`
}

type emailJSON struct {
	Address  string `json:"address"`
	Verified bool   `json:"verified"`
}

// toUserJSON shows everything that administrators see of a user.
func toUserJSON(u workspace.User) userJSON {
	j := toPublicUserJSON(u)
	j.Roles = each(u.Roles, func(r string) string { return r })
	j.Emails = emails(u)
	j.CustomFields, j.MustChange = u.CustomFields, u.MustChange
	j.CreatedAt, j.UpdatedAt = isoTime(u.CreatedAt), isoTime(u.UpdatedAt)
	return j
}

// toPublicUserJSON shows what everybody sees of a user.
func toPublicUserJSON(u workspace.User) userJSON {
	return userJSON{
		ID: u.ID, Username: u.Username, Name: u.Name, Type: userType(u), Status: status(u), Active: u.Active,
		StatusText: u.StatusText, Nickname: u.Nickname, Bio: u.Bio,
	}
}

func emails(u workspace.User) []emailJSON {
	if u.Email == "" {
		return nil
	}
	return []emailJSON{{Address: u.Email, Verified: u.Verified}}
}

func userType(u workspace.User) string {
	if u.Bot {
		return "bot"
	}
	return "user"
}

// status is online for bots alone: presence of people is not known here.
func status(u workspace.User) string {
	if u.Bot {
		return "online"
	}
	return "offline"
}

// meJSON is a user as they see themselves.
type meJSON struct {
	userJSON

	Email       string       `json:"email,omitzero"`
	AvatarURL   string       `json:"avatarUrl"`
	IsOAuthUser bool         `json:"isOAuthUser"`
	Settings    settingsJSON `json:"settings"`
	Services    servicesJSON `json:"services"`
}

type settingsJSON struct {
	Profile     struct{} `json:"profile"`
	Preferences struct{} `json:"preferences"`
	Calendar    struct{} `json:"calendar"`
}

type servicesJSON struct {
	Password struct {
		Exists bool `json:"exists"`
	} `json:"password"`
}

func (a *API) toMeJSON(u workspace.User) meJSON {
	j := meJSON{userJSON: toUserJSON(u), Email: u.Email, AvatarURL: a.SiteURL + "/avatar/" + url.PathEscape(u.Username)}
	j.Services.Password.Exists = len(u.PasswordHash) > 0
	return j
}
