package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Beside what they post to, hooks have routes by which a service such as Zapier finds out about a
// workspace and adds an outgoing integration to it: /hooks/what/id/user/token.

// isShortHook reports whether a path would be a hook's if there could be one called sample, info, add
// or remove.
func (a *API) isShortHook(path string) bool {
	rest, ok := strings.CutPrefix(path, a.Prefix+"/hooks/")
	what, rest, _ := strings.Cut(rest, "/")
	if !ok || what != "sample" && what != "info" && what != "add" && what != "remove" {
		return false
	}
	segments := strings.Split(rest, "/")
	return len(segments) <= 2 && segments[0] != ""
}

// asHook serves whoever knows an incoming integration's token, as the user that it posts as.
func (a *API) asHook(serve func(c *gin.Context, u workspace.User)) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := integrations.HookRequest{IntegrationID: c.Param("integrationId"), Token: c.Param("token")}
		if plain, err := url.PathUnescape(r.Token); err == nil {
			r.Token = plain
		}
		u, err := a.Integrations.HookUser(c.Request.Context(), r)
		if err != nil {
			a.failHook(c, err)
			return
		}
		if a.limitHook(c) {
			serve(c, u)
		}
	}
}

// sampleJSON is a message as an outgoing integration would tell of it.
type sampleJSON struct {
	Token       string `json:"token"`
	ChannelID   string `json:"channel_id"`
	ChannelName string `json:"channel_name"`
	Timestamp   string `json:"timestamp"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	Text        string `json:"text"`
	TriggerWord string `json:"trigger_word"`
}

func (a *API) hookSample(c *gin.Context, _ workspace.User) {
	at := isoTime(time.Now())
	samples := each([]string{"1", "2", "3"}, func(n string) sampleJSON {
		return sampleJSON{
			Token: workspace.RandomText(24), ChannelID: workspace.NewID(), ChannelName: workspace.GeneralName, Timestamp: at,
			UserID: workspace.NewID(), UserName: workspace.BotID, Text: "Sample text " + n, TriggerWord: "Sample",
		}
	})
	noStore(c)
	write(c, http.StatusOK, samples)
}

func (a *API) hookInfo(c *gin.Context, _ workspace.User) { a.reply(c, fields{}, nil) }

// hookAdd makes an outgoing integration for what is said in a channel or to a user. One for a user
// is made disabled.
func (a *API) hookAdd(c *gin.Context, u workspace.User) {
	in, err := a.hookDocument(c, "hooks.add")
	if err != nil {
		a.fail(c, err)
		return
	}
	data := member[*schema.Object](in, "data")
	if data == nil {
		data = schema.NewObject()
	}
	f := integrations.Fields{
		Type: string(integrations.Outgoing), Name: text(in, "name"), Event: string(workspace.SendMessage), Enabled: true,
		Username: integrations.Optional[string]{Sent: true, Value: new(workspace.BotID)},
		URLs:     integrations.Optional[[]string]{Sent: true, Value: &[]string{text(in, "target_url")}},
	}
	if words := text(data, "trigger_words"); words != "" {
		f.TriggerWords = integrations.Optional[[]string]{Sent: true, Value: &[]string{words}}
	}
	f.Channel = prefixed("#", text(data, "channel_name"))
	if text(in, "event") == "newMessageToUser" {
		f.Enabled, f.Channel = false, prefixed("@", text(data, "username"))
		if f.Channel == "" {
			a.fail(c, codeError("username-required", ""))
			return
		}
	}
	created, err := a.Integrations.Create(c.Request.Context(), u, f)
	a.reply(c, toIntegrationJSON(created), err)
}

// prefixed adds the sign that a name needs, if it does not have it.
func prefixed(sign, name string) string {
	if name == "" || strings.HasPrefix(name, sign) {
		return name
	}
	return sign + name
}

// hookRemove never removes anything: it looks for a member that no record has, as upstream does. An
// integration is removed through integrations.remove.
func (a *API) hookRemove(c *gin.Context, _ workspace.User) {
	if _, err := a.hookDocument(c, "hooks.remove"); err != nil {
		a.fail(c, err)
		return
	}
	a.reply(c, struct {
		Status int     `json:"statusCode"`
		Body   failure `json:"body"`
	}{http.StatusBadRequest, failure{Error: "integration-not-found"}}, nil)
}

// hookDocument reads a body once the caller is known.
func (a *API) hookDocument(c *gin.Context, name string) (*schema.Object, error) {
	s, ok := a.Schemas.Lookup(name)
	if !ok {
		return nil, errors.New("no schema " + name)
	}
	given, err := a.readDocument(c, s.Location())
	if err == nil {
		given, err = s.Validate(given)
	}
	in, _ := given.(*schema.Object)
	return in, err
}
