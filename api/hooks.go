package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// hookKey holds the id of the integration whose hook was called with the right token.
const hookKey = "hook"

// hook turns a request into a HookRequest and the outcome into an answer.
func (a *API) hook(c *gin.Context) {
	r := hookRequest(c)
	r.Address = a.clientIP(c)
	admission, err := a.Integrations.Admit(c.Request.Context(), r)
	if err != nil {
		a.failHook(c, err)
		return
	}
	defer admission.Leave()
	c.Set(hookKey, r.IntegrationID)
	if !a.limitHook(c) {
		return
	}
	if r.Body, err = a.hookBody(c, admission); err != nil {
		if large, ok := errors.AsType[*tooLarge](err); ok {
			a.Integrations.TooLarge(r, integrations.BodyLimitError{Limit: large.limit, Name: large.name()})
		}
		a.fail(c, err)
		return
	}
	answer, err := a.Integrations.Receive(c.Request.Context(), r)
	if err != nil {
		a.failHook(c, err)
		return
	}
	a.replyHook(c, answer)
}

// hookBody reads what was posted. A GET posts nothing, whatever it carries.
func (a *API) hookBody(c *gin.Context, admission integrations.Admission) ([]byte, error) {
	if c.Request.Method == http.MethodGet {
		return nil, nil
	}
	if own := admission.MostBody; own > 0 && own < a.MaxBody {
		body, err := readBody(c, own)
		if large, ok := errors.AsType[*tooLarge](err); ok {
			large.option = true
		}
		return body, err
	}
	return readBody(c, a.MaxBody)
}

// hookRequest reads /hooks/id/token and /hooks/id/user/token. The router has decoded the segments
// once; upstream decodes the token once more.
func hookRequest(c *gin.Context) integrations.HookRequest {
	r := integrations.HookRequest{
		IntegrationID: c.Param("integrationId"), Token: c.Param("token"), Path: c.Request.URL.EscapedPath(),
		RawQuery: c.Request.URL.RawQuery, ContentType: c.GetHeader("Content-Type"), Method: c.Request.Method,
		RequestID: c.Writer.Header().Get("X-Request-Id"),
	}
	if last := c.Param("last"); last != "" {
		r.UserID, r.Token = r.Token, last
	}
	if plain, err := url.PathUnescape(r.Token); err == nil {
		r.Token = plain
	}
	r.Header = make(map[string]string, len(c.Request.Header)+1)
	for name, values := range c.Request.Header {
		r.Header[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	r.Header["host"] = c.Request.Host
	return r
}

// failHook answers as upstream's hooks do: an unknown hook in plain text, a rule's code bare.
func (a *API) failHook(c *gin.Context, err error) {
	noStore(c)
	if errors.Is(err, integrations.ErrUnknownHook) {
		c.Writer.Header().Del("Cache-Control")
		c.Writer.Header().Del("Pragma")
		c.Data(http.StatusInternalServerError, "text/plain; charset=UTF-8", []byte("Internal Server Error"))
		return
	}
	if errors.Is(err, integrations.ErrNoPoster) {
		a.notLoggedIn(c)
		return
	}
	if rejected, ok := errors.AsType[*integrations.RejectedByScript](err); ok {
		c.Data(http.StatusBadRequest, contentType, rejection(rejected.Detail))
		return
	}
	w, ok := a.word(err)
	if !ok || w.status != 0 {
		a.fail(c, err)
		return
	}
	write(c, http.StatusBadRequest, failure{Error: w.bare()})
}

// rejection is a script's own error: its members beside success, or its value as the error.
func rejection(detail jsontext.Value) []byte {
	if detail.Kind() != '{' {
		return append(append([]byte(`{"success":false,"error":`), detail...), '}')
	}
	return append(appendMembers([]byte(`{"success":false`), detail), '}')
}

// appendMembers adds the members of an object, but for success, which is ours to say.
func appendMembers(out []byte, object jsontext.Value) []byte {
	_ = workspace.EachMember(object, func(name string, value jsontext.Value) { // the runner's own JSON
		if name == "success" {
			return
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, name)
		out = append(append(out, ':'), value...)
	})
	return out
}

func (a *API) replyHook(c *gin.Context, answer integrations.HookAnswer) {
	switch {
	case answer.Response != nil:
		noStore(c)
		c.Data(http.StatusOK, contentType, withSuccess(append(appendMembers([]byte{'{'}, answer.Response), '}')))
	case answer.Separate && answer.Failed:
		noStore(c)
		write(c, http.StatusBadRequest, separateFailure{Responses: a.separate(answer.Posted)})
	case answer.Separate:
		a.reply(c, fields{"responses": a.separate(answer.Posted)}, nil)
	default:
		noStore(c)
		c.Data(http.StatusOK, contentType, hookDone)
	}
}

// hookDone answers most hooks: there is nothing to tell but that it worked.
var hookDone = []byte(`{"success":true}`)

type separateFailure struct {
	Responses []postedJSON `json:"responses"`
	Success   bool         `json:"success"`
}

// postedJSON is what became of a message in one room.
type postedJSON struct {
	Channel string       `json:"channel"`
	Message *messageJSON `json:"message,omitzero"`
	Error   string       `json:"error,omitzero"`
}

func (a *API) separate(posted []workspace.Posted) []postedJSON {
	return each(posted, func(p workspace.Posted) postedJSON {
		if p.Err == nil {
			shape := toMessageJSON(p.Message)
			return postedJSON{Channel: p.Target, Message: &shape}
		}
		w, ok := a.word(p.Err)
		if !ok {
			return postedJSON{Channel: p.Target, Error: "Unknown error"}
		}
		return postedJSON{Channel: p.Target, Error: w.bare()}
	})
}
