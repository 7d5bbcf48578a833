package api

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// testScript runs a script that stands in the request. Nothing is posted or kept.
func (a *API) testScript(c *gin.Context) {
	in := document(c)
	tried, err := a.Integrations.Try(c.Request.Context(), actor(c), integrations.TrialRequest{
		Kind: integrations.Kind(text(in, "type")), IntegrationID: text(in, "integrationId"), Trial: trialOf(in),
	})
	a.reply(c, toTriedJSON(tried), wordFind(err))
}

// trialOf reads the document of testScript.
func trialOf(in *schema.Object) integrations.Trial {
	t := integrations.Trial{
		Source:   integrations.ScriptSource{Text: text(in, "script"), Strict: member[bool](in, "skipTranspile")},
		Method:   integrations.ScriptMethod(text(in, "method")),
		Header:   headerOf(member[*schema.Object](in, "headers")),
		RawQuery: queryOf(in),
	}
	argument := schema.NewObject()
	for _, name := range []string{"request", "response"} {
		if part := member[*schema.Object](in, name); part != nil {
			argument.Set(name, part)
		}
	}
	t.Argument = schema.Encode(argument)
	switch content, sent := in.Get("content"); body := content.(type) {
	case string: // as it came to the hook, a form for example
		t.Body = []byte(body)
	default:
		if sent && content != nil {
			t.Body = schema.Encode(content)
		}
	}
	return t
}

func headerOf(o *schema.Object) map[string]string {
	if o == nil {
		return nil
	}
	header := map[string]string{}
	for name, value := range o.All() {
		if plain, ok := value.(string); ok {
			header[name] = plain
		}
	}
	return header
}

// queryOf reads the query, which is a text or an object of texts.
func queryOf(in *schema.Object) string {
	if plain := text(in, "query"); plain != "" {
		return plain
	}
	values := url.Values{}
	for name, value := range headerOf(member[*schema.Object](in, "query")) {
		values.Set(name, value)
	}
	return values.Encode()
}

// triedJSON is what became of a trial.
type triedJSON struct {
	Method   string         `json:"method"`
	Outcome  string         `json:"outcome"`
	Result   jsontext.Value `json:"result,omitzero"`
	Messages []draftJSON    `json:"messages"`
	Response jsontext.Value `json:"response,omitzero"`
	Rejected jsontext.Value `json:"rejected,omitzero"`
	Call     *callJSON      `json:"call,omitzero"`
	Stopped  bool           `json:"stopped,omitzero"`
	Remarks  []string       `json:"remarks,omitzero"`
	Console  []string       `json:"console"`
	Took     float64        `json:"took,omitzero"` // milliseconds
	Memory   int64          `json:"memory,omitzero"`
	Error    *faultJSON     `json:"error,omitzero"`
}

// draftJSON is a message before it is posted.
type draftJSON struct {
	Username    string         `json:"username,omitzero"`
	Channel     []string       `json:"channel,omitzero"`
	Text        string         `json:"text"`
	Alias       string         `json:"alias,omitzero"`
	Avatar      string         `json:"avatar,omitzero"`
	Emoji       string         `json:"emoji,omitzero"`
	Attachments jsontext.Value `json:"attachments,omitzero"`
	ParseURLs   bool           `json:"parseUrls"`
	ThreadID    string         `json:"tmid,omitzero"`
	Custom      jsontext.Value `json:"customFields,omitzero"`
}

// callJSON is a call that would be made. Its password is the author's own, who wrote the script.
type callJSON struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitzero"`
	Auth    string            `json:"auth,omitzero"`
	Body    string            `json:"body,omitzero"`
	Timeout float64           `json:"timeout,omitzero"` // milliseconds
}

type faultJSON struct {
	Phase   string `json:"phase"`
	Name    string `json:"name,omitzero"`
	Message string `json:"message"`
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"`
	Stack   string `json:"stack,omitzero"`
	Remedy  string `json:"remedy,omitzero"`
}

func toTriedJSON(t integrations.Tried) triedJSON {
	j := triedJSON{
		Method: string(t.Method), Outcome: string(t.Outcome), Result: t.Value, Messages: each(t.Messages, toDraftJSON),
		Response: t.Response, Rejected: t.Rejected, Stopped: t.Stopped, Remarks: t.Remarks, Console: each(t.Console, itself),
		Took: milliseconds(t.Took), Memory: t.Memory,
	}
	if r := t.Call; r != nil {
		j.Call = &callJSON{
			Method: r.Method, URL: r.URL, Headers: r.Header, Auth: r.Auth, Body: string(r.Body), Timeout: milliseconds(r.Timeout),
		}
	}
	if e := t.Fault; e != nil {
		j.Error = &faultJSON{Phase: string(e.Phase), Name: e.Name, Message: e.Message, Line: e.Line, Column: e.Column, Stack: e.Stack, Remedy: e.Remedy}
	}
	return j
}

func toDraftJSON(d workspace.Draft) draftJSON {
	return draftJSON{
		Username: d.Author.Username, Channel: d.Targets, Text: d.Text, Alias: d.Alias, Avatar: d.Avatar, Emoji: d.Emoji,
		Attachments: d.Attachments, ParseURLs: d.ParseURLs, ThreadID: d.ThreadID, Custom: d.Custom,
	}
}

// milliseconds are what JavaScript counts time in.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
