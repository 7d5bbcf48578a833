package integrations

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Trial is a script to try out. It runs as it would for its integration, calls out included, but
// nothing is posted, sent or kept.
type Trial struct {
	Source ScriptSource
	Method ScriptMethod
	// Argument is the document that the method gets, {"request":{…}} or {"request":{…},"response":{…}}.
	// What it leaves out is a sample's; nil leaves out everything.
	Argument []byte
	// Body is what the service sent: to the hook, or as its answer. Of prepare_outgoing_request it is
	// the event's data. It goes before the argument's content; nil leaves that as it is.
	Body []byte
	// Header is added to the headers of the request, or of the response where there is one.
	Header map[string]string
	// RawQuery is that of the hook's URL.
	RawQuery string
	// Owner tells apart whose trials must not disturb each other.
	Owner  string
	Poster workspace.User
	Or     workspace.Defaults
}

// Tried is what became of a trial.
type Tried struct {
	Method   ScriptMethod
	Outcome  Outcome
	Value    []byte            // JSON text of the result, nil for undefined
	Messages []workspace.Draft // what would be posted; of their authors only the names are known
	Response []byte            // what the hook's caller would be answered, beside success; JSON object or nil
	Rejected []byte            // the script's own error, which the hook's caller would be answered; JSON or nil
	Call     *Request          // what would be sent, after prepare_outgoing_request
	Stopped  bool              // process_outgoing_response said false: nothing more would be done
	Remarks  []string          // what is worth knowing before the script is used
	Console  []string
	Took     time.Duration
	Memory   int64
	Fault    *ScriptError
}

// TrialError is a trial that makes no sense as it was asked for.
type TrialError struct{ Text string }

// Error tells what is wrong.
func (e *TrialError) Error() string { return e.Text }

// Try compiles a script and calls its method once. A script that fails is no error: Fault has it.
func Try(ctx context.Context, scripts Scripts, t Trial) (Tried, error) {
	tried := Tried{Method: t.Method}
	call, err := t.call()
	if err != nil {
		return tried, err
	}
	result, err := compileAndRun(ctx, scripts, t.Source, call)
	if err == nil {
		err = tried.read(t, result)
	}
	if fault, ok := errors.AsType[*ScriptError](err); ok {
		tried.Fault, err = fault, nil
		if tried.Console = fault.Console; tried.Console == nil {
			tried.Console = result.Console
		}
	}
	tried.Outcome = outcomeOf(result, tried.Fault)
	return tried, err
}

func compileAndRun(ctx context.Context, scripts Scripts, source ScriptSource, call ScriptCall) (ScriptResult, error) {
	compiled, err := scripts.Compile(ctx, source)
	if err != nil {
		return ScriptResult{}, err
	}
	call.Version, call.Compiled = workspace.NewID(), compiled // a new version each time: it starts without state
	return scripts.Run(ctx, call)
}

// call is what the script is called with.
func (t Trial) call() (ScriptCall, error) {
	given, err := readGiven(t.Argument)
	if err != nil {
		return ScriptCall{}, err
	}
	call := ScriptCall{Owner: t.Owner, Method: t.Method}
	switch t.Method {
	case ProcessIncomingRequest:
		err = t.incoming(&call, given)
	case PrepareOutgoingRequest:
		err = t.prepare(&call, given)
	case ProcessOutgoingResponse:
		err = t.process(&call, given)
	default:
		err = &TrialError{fmt.Sprintf("There is no method %q: use %s, %s or %s.", t.Method, ProcessIncomingRequest, PrepareOutgoingRequest, ProcessOutgoingResponse)}
	}
	return call, err
}

// given are the parts of an argument that somebody wrote down.
type given struct{ request, response members }

func readGiven(argument []byte) (g given, err error) {
	whole, err := readMembers(argument, "the argument")
	if err != nil {
		return g, err
	}
	if g.request, err = readMembers(whole.value("request"), "request"); err != nil {
		return g, err
	}
	g.response, err = readMembers(whole.value("response"), "response")
	return g, err
}

// sampleHook is the hook request of a trial that says nothing else.
func (t Trial) sampleHook() HookRequest {
	return HookRequest{
		IntegrationID: "integration-id", Token: "token", Path: "/hooks/integration-id/token", RawQuery: t.RawQuery,
		Header: map[string]string{"content-type": "application/json", "host": "localhost:3000", "user-agent": "trial"},
	}
}

func (t Trial) incoming(call *ScriptCall, g given) error {
	hook := t.sampleHook()
	if headers := g.request.value("headers"); headers != nil {
		hook.Header = inLowerCase(headersOf(headers))
	}
	maps.Copy(hook.Header, inLowerCase(t.Header))
	whole, err := readMembers(incomingArgument(t.Poster, hook), "the argument")
	if err != nil {
		return err
	}
	request, err := readMembers(whole.value("request"), "request")
	if err != nil {
		return err
	}
	for _, m := range g.request {
		switch m.name {
		case "content", "content_raw", "body", "headers": // read elsewhere
		case "url":
			parts, err := readMembers(m.value, "request.url")
			if err != nil {
				return err
			}
			url, _ := readMembers(request.value("url"), "request.url") // ours
			request.set("url", url.over(parts).text())
		default:
			request.set(m.name, m.value)
		}
	}
	call.Argument = members{{"request", request.text()}}.text()
	return t.incomingContent(call, hook.Header["content-type"], g.request)
}

func (t Trial) incomingContent(call *ScriptCall, contentType string, request members) error {
	raw := t.Body
	if raw == nil {
		if call.Content = request.value("content"); call.Content == nil {
			call.Content = request.value("body")
		}
		if text := request.value("content_raw"); text.Kind() == '"' {
			raw = []byte(stringOf(text))
		}
	}
	if call.Content == nil {
		in, err := readBody(contentType, raw)
		if err != nil {
			return &TrialError{"The body's payload is no JSON object."}
		}
		call.Content = in.content
	}
	if raw != nil {
		call.Raw = raw
	}
	return nil
}

// sampleData is a message event's.
const sampleData = `{"token":"token","bot":false,"channel_id":"GENERAL","channel_name":"general","message_id":"message-id",` +
	`"timestamp":"2026-01-02T03:04:05.678Z","user_id":"user-id","user_name":"alice","text":"Hello","siteUrl":"http://localhost:3000/"}`

// outgoing is the request of an outgoing integration.
func (t Trial) outgoing(g given, data []byte) (members, error) {
	sample, err := json.Marshal(outgoingRequest{
		Method: "POST", URL: "https://example.com/", Data: jsontext.Value(sampleData), Headers: map[string]string{"User-Agent": userAgent},
	})
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	request, err := readMembers(sample, "request")
	if err != nil {
		return nil, err
	}
	request = request.over(g.request)
	if data != nil {
		if !isJSON(data) {
			return nil, &TrialError{"The content is no JSON, which the data of an event is."}
		}
		request.set("data", data)
	}
	return request, nil
}

func (t Trial) prepare(call *ScriptCall, g given) error {
	request, err := t.outgoing(g, t.Body)
	if err != nil {
		return err
	}
	if len(t.Header) > 0 {
		header := headersOf(request.value("headers"))
		maps.Copy(header, t.Header)
		request.set("headers", headersText(header))
	}
	call.Argument = members{{"request", request.text()}}.text()
	return nil
}

func (t Trial) process(call *ScriptCall, g given) error {
	request, err := t.outgoing(g, nil)
	if err != nil {
		return err
	}
	header := map[string]string{"content-type": "application/json"}
	if own := g.response.value("headers"); own != nil {
		header = inLowerCase(headersOf(own))
	}
	maps.Copy(header, inLowerCase(t.Header))
	response := members{{"error", jsontext.Value("null")}, {"status_code", jsontext.Value("200")}, {"headers", nil}}
	for _, m := range g.response {
		if m.name != "content" && m.name != "content_raw" {
			response.set(m.name, m.value)
		}
	}
	response.set("headers", headersText(header))
	call.Argument = members{{"request", request.text()}, {"response", response.text()}}.text()
	call.Content, call.Raw = t.answered(g.response, header)
	return nil
}

// answered are the content and the raw text of a response.
func (t Trial) answered(response members, header map[string]string) (content, raw []byte) {
	content, raw = response.value("content"), t.Body
	if text := response.value("content_raw"); raw == nil && text.Kind() == '"' {
		raw = []byte(stringOf(text))
	}
	switch {
	case raw == nil && jsontext.Value(content).Kind() == '"': // a text is what it is
		return content, []byte(stringOf(content))
	case raw == nil && content != nil:
		return content, nil
	case content != nil && t.Body == nil:
		return content, raw
	}
	body, isJSON := Response{Header: header, Body: raw}.JSON()
	if isJSON {
		return body, raw
	}
	return appendText(nil, string(raw)), raw
}

func inLowerCase(header map[string]string) map[string]string {
	out := make(map[string]string, len(header))
	for name, value := range header {
		out[strings.ToLower(name)] = value
	}
	return out
}

func headersText(header map[string]string) []byte {
	text, _ := json.Marshal(header, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)) // texts always can
	return text
}

// read says what the result would lead to.
func (r *Tried) read(t Trial, result ScriptResult) error {
	r.Value, r.Console, r.Took, r.Memory = result.Value, result.Console, result.Took, result.Memory
	if result.Missing {
		r.Remarks = append(r.Remarks, fmt.Sprintf("The class Script has no method %s.", t.Method))
		return nil
	}
	switch t.Method {
	case ProcessIncomingRequest:
		return r.readIncoming(t)
	case PrepareOutgoingRequest:
		return r.readPrepare(t)
	default:
		p := readProcessed(result)
		r.Stopped = p.Stop
		return r.addMessage(t, p.Message)
	}
}

func (r *Tried) readIncoming(t Trial) error {
	out, err := readOutcome(r.Value, nil)
	if rejected, ok := errors.AsType[*RejectedByScript](err); ok {
		r.Rejected = rejected.Detail
		return nil
	}
	if err != nil || out.nothing {
		return err
	}
	r.Response = out.response
	poster := t.Poster
	if out.user != nil {
		poster = workspace.User{Username: *out.user}
	}
	if out.content.NamesTarget {
		r.Remarks = append(r.Remarks, "The message names another channel, which the integration has to permit (overrideDestinationChannelEnabled).")
	}
	r.Messages = append(r.Messages, out.content.Draft(poster, t.Or))
	return nil
}

func (r *Tried) readPrepare(t Trial) error {
	p, err := readPrepared(r.Value)
	if err != nil {
		return err
	}
	r.Call = p.Request
	return r.addMessage(t, p.Message)
}

func (r *Tried) addMessage(t Trial, message []byte) error {
	if message == nil {
		return nil
	}
	content, err := workspace.ReadContent(message)
	if err != nil {
		return &ScriptError{Phase: PhaseRun, Message: "the message is nested too deep"}
	}
	r.Messages = append(r.Messages, content.Draft(t.Poster, t.Or))
	return nil
}
