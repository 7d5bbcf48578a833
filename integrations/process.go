package integrations

import (
	"context"
	"fmt"
	"mime"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Response is what a receiver answered.
type Response struct {
	Status int
	Header map[string]string // names in lower case
	Body   []byte
}

// jsonTypes are the content types under which an answer counts as JSON.
var jsonTypes = map[string]bool{
	"application/json": true, "text/javascript": true, "application/javascript": true, "application/x-javascript": true,
}

// JSON answers the body where it is JSON and says so.
func (r Response) JSON() (jsontext.Value, bool) {
	mediaType, _, _ := mime.ParseMediaType(r.Header["content-type"])
	body := jsontext.Value(r.Body)
	return body, jsonTypes[mediaType] && body.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Message answers the body where it is a message: JSON with text or attachments.
func (r Response) Message() ([]byte, bool) {
	document, ok := r.JSON()
	if !ok || document.Kind() != '{' {
		return nil, false
	}
	c, err := workspace.ReadContent(document)
	return document, err == nil && (c.Text != "" || c.Attachments != nil)
}

// Processed is what the script made of an answer.
type Processed struct {
	Ran     bool
	Message []byte   // to post, or nil
	Stop    bool     // nothing more is to be done
	Console []string // that the script printed
}

type outgoingResponse struct {
	Error      jsontext.Value    `json:"error"`
	StatusCode int               `json:"status_code"`
	Headers    map[string]string `json:"headers"`
}

// Process lets the script look at a receiver's answer.
func (s *Service) Process(ctx context.Context, i Integration, req Request, resp Response) (Processed, error) {
	if !s.runs(i) {
		return Processed{}, nil
	}
	argument, err := json.Marshal(struct {
		Request  jsontext.Value   `json:"request"`
		Response outgoingResponse `json:"response"`
	}{
		Request:  req.Document,
		Response: outgoingResponse{Error: jsontext.Value("null"), StatusCode: resp.Status, Headers: resp.Header},
	}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return Processed{}, fmt.Errorf("write script argument: %w", err)
	}
	content, isJSON := resp.JSON()
	if !isJSON {
		content = appendText(nil, string(resp.Body))
	}
	result, err := s.run(ctx, i, ScriptCall{
		Method: ProcessOutgoingResponse, Argument: argument, Content: content, Raw: resp.Body,
	})
	if err != nil {
		return Processed{Ran: true, Console: result.Console}, err
	}
	return readProcessed(result), nil
}

func readProcessed(result ScriptResult) Processed {
	p := Processed{Ran: !result.Missing, Console: result.Console}
	value := jsontext.Value(result.Value)
	if value.Kind() == 'f' {
		p.Stop = true
		return p
	}
	if value.Kind() != '{' {
		return p
	}
	_ = workspace.EachMember(value, func(name string, member jsontext.Value) { // the runner's own JSON
		if name == "content" && workspace.Truthy(member) {
			p.Message = messageOf(member)
		}
	})
	return p
}

// messageOf takes a text for a message of that text.
func messageOf(content jsontext.Value) []byte {
	switch content.Kind() {
	case '{':
		return content
	case '"':
		return append(append([]byte(`{"text":`), content...), '}')
	default:
		return nil
	}
}
