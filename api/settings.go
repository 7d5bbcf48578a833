package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

type settingJSON struct {
	ID    string         `json:"_id"`
	Value jsontext.Value `json:"value"`
}

func toSettingJSON(s workspace.Setting) settingJSON { return settingJSON{s.ID, s.Value} }

func (a *API) publicSettings(c *gin.Context) { a.replySettings(c, a.Workspace.PublicSettings()) }

func (a *API) listSettings(c *gin.Context) {
	a.replySettings(c, a.Workspace.AllSettings(actor(c)))
}

// replySettings answers one page of those that the query asks for.
func (a *API) replySettings(c *gin.Context, list []workspace.Setting) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	if ids := text(document(c), "_id"); ids != "" {
		wanted := strings.Split(ids, ",")
		list = slices.DeleteFunc(list, func(s workspace.Setting) bool { return !slices.Contains(wanted, s.ID) })
	}
	rows := each(cut(list, page), toSettingJSON)
	a.reply(c, fields{"settings": rows, "count": len(rows), "offset": page.Offset, "total": len(list)}, nil)
}

func (a *API) getSetting(c *gin.Context) {
	s, err := a.Workspace.Setting(c.Param("_id"))
	a.reply(c, toSettingJSON(s), err)
}

func (a *API) changeSetting(c *gin.Context) {
	value, _ := document(c).Get("value")
	a.reply(c, fields{}, a.Workspace.ChangeSetting(c.Request.Context(), c.Param("_id"), schema.Encode(value)))
}

// info tells clients whose API this is compatible with. Clients that log in first look for the version
// where upstream tells it to holders of get-server-info.
func (a *API) info(c *gin.Context) {
	version := fmt.Sprintf("%d.0", a.Level)
	told := fields{"version": version}
	u, err := a.Workspace.Authenticate(c.Request.Context(), c.GetHeader("X-User-Id"), c.GetHeader("X-Auth-Token"))
	if errors.Is(err, workspace.ErrNotLoggedIn) {
		err = nil
	} else if err == nil && a.Workspace.Can(u, permissions.GetServerInfo) {
		told["info"] = infoJSON{Version: version + ".0"}
	}
	a.reply(c, told, err)
}

type infoJSON struct {
	Version string `json:"version"`
}
