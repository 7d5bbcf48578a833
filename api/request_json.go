package api

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
)

// requestJSON is a request to a hook as a list shows it.
type requestJSON struct {
	ID            string  `json:"_id"`
	IntegrationID string  `json:"integrationId"`
	At            string  `json:"at"`
	Took          float64 `json:"took"` // milliseconds
	Outcome       string  `json:"outcome"`
	Error         string  `json:"error,omitzero"`
	RequestID     string  `json:"requestId,omitzero"`
	ReplayOf      string  `json:"replayOf,omitzero"`
	Size          int64   `json:"size"`
	MetadataOnly  bool    `json:"metadataOnly"`
}

func toRequestJSON(x integrations.Exchange) requestJSON {
	return requestJSON{
		ID: x.ID, IntegrationID: x.IntegrationID, At: isoTime(x.At), Took: milliseconds(x.Took), Outcome: string(x.Outcome), Error: x.Error,
		RequestID: x.RequestID, ReplayOf: x.ReplayOf, Size: x.Size, MetadataOnly: x.Bare,
	}
}

// wholeRequestJSON is a request with all that is known of it.
type wholeRequestJSON struct {
	requestJSON

	Method   string         `json:"method,omitzero"`
	URL      string         `json:"url,omitzero"`
	Address  string         `json:"address,omitzero"`
	Headers  []headerJSON   `json:"headers,omitzero"`
	Body     *excerptJSON   `json:"body,omitzero"`
	Result   jsontext.Value `json:"result,omitzero"`
	Console  []string       `json:"console,omitzero"`
	Messages []sentJSON     `json:"messages,omitzero"`
}

func toWholeRequestJSON(x integrations.Exchange) wholeRequestJSON {
	shape := wholeRequestJSON{requestJSON: toRequestJSON(x)}
	d := x.Detail
	if d == nil {
		return shape
	}
	shape.Method, shape.URL, shape.Address, shape.Headers = d.Method, d.URL, d.Address, headerLines(d.RequestHeader)
	shape.Body, shape.Console, shape.Messages = toExcerptJSON(d.RequestBody), d.Console, sent(d.Messages)
	switch result := jsontext.Value(d.Result.Bytes); {
	case len(result) == 0:
	case !d.Result.Cut() && result.IsValid():
		shape.Result = result
	default:
		shape.Result, _ = jsontext.AppendQuote(nil, utf8Of(d.Result.Bytes))
	}
	return shape
}

// headerJSON is a header as it is shown. Of a secret one, value is null.
type headerJSON struct {
	Name   string  `json:"name"`
	Value  *string `json:"value"`
	Secret bool    `json:"secret"`
}

func headerLines(lines []integrations.HeaderLine) []headerJSON {
	if len(lines) == 0 {
		return nil
	}
	return each(lines, func(l integrations.HeaderLine) headerJSON {
		if l.Secret {
			return headerJSON{Name: l.Name, Secret: true}
		}
		return headerJSON{Name: l.Name, Value: &l.Value}
	})
}

// excerptJSON is the beginning of a body, or all of it: as text where it is one, else in base64.
type excerptJSON struct {
	Text   *string `json:"text,omitzero"`
	Base64 *string `json:"base64,omitzero"`
	Size   int64   `json:"size"` // of the whole body
	Cut    bool    `json:"cut"`  // there was more
}

func toExcerptJSON(e integrations.Excerpt) *excerptJSON {
	if e.Size == 0 {
		return nil
	}
	shape := &excerptJSON{Size: e.Size, Cut: e.Cut()}
	if whole := wholeRunes(e); utf8.Valid(whole) {
		shape.Text = new(string(whole))
	} else {
		shape.Base64 = new(base64.StdEncoding.EncodeToString(e.Bytes))
	}
	return shape
}

// wholeRunes leaves out half a character at the place where a text was cut.
func wholeRunes(e integrations.Excerpt) []byte {
	text := e.Bytes
	for n := 1; e.Cut() && n < utf8.UTFMax && n <= len(text); n++ {
		if start := len(text) - n; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				return text[:start]
			}
			break
		}
	}
	return text
}

func utf8Of(text []byte) string { return string([]rune(string(text))) }
