package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
)

// deliveryJSON is a delivery as a list shows it.
type deliveryJSON struct {
	ID            string   `json:"_id"`
	IntegrationID string   `json:"integrationId"`
	State         string   `json:"state"`
	Step          string   `json:"step"`
	Event         string   `json:"event"`
	URL           string   `json:"url"`
	CreatedAt     string   `json:"createdAt"`
	UpdatedAt     string   `json:"updatedAt"`
	Due           string   `json:"due,omitzero"`
	Attempts      int      `json:"attempts"`
	Status        *int     `json:"status,omitzero"`
	Error         string   `json:"error,omitzero"`
	MessageID     string   `json:"messageId,omitzero"`
	RoomID        string   `json:"roomId,omitzero"`
	UserID        string   `json:"userId,omitzero"`
	TriggerWord   string   `json:"triggerWord,omitzero"`
	Causes        []string `json:"causes,omitempty"`
	ReplayOf      string   `json:"replayOf,omitzero"`
	Trace         string   `json:"traceparent,omitzero"`
}

func toDeliveryJSON(l integrations.Listed) deliveryJSON {
	plan, progress := l.Plan, l.Progress
	shape := deliveryJSON{
		ID: l.ID, IntegrationID: l.IntegrationID, State: string(l.State), Step: string(progress.Step), Event: string(plan.Event), URL: plan.URL,
		CreatedAt: isoTime(l.CreatedAt), UpdatedAt: isoTime(l.UpdatedAt), Due: isoTime(l.Due), Attempts: progress.Attempts,
		MessageID: plan.MessageID, RoomID: plan.RoomID, UserID: plan.UserID, TriggerWord: plan.TriggerWord, Causes: plan.Causes,
		ReplayOf: plan.ReplayOf, Trace: plan.Trace, Status: unlessZero(progress.Status), Error: progress.HTTPError,
	}
	if shape.Error == "" {
		shape.Error = progress.Error
	}
	return shape
}

// wholeDeliveryJSON is a delivery with its data and its attempts.
type wholeDeliveryJSON struct {
	deliveryJSON

	Data  jsontext.Value `json:"data,omitzero"`
	Tries []tryJSON      `json:"tries"`
}

func toWholeDeliveryJSON(l integrations.Listed) wholeDeliveryJSON {
	return wholeDeliveryJSON{deliveryJSON: toDeliveryJSON(l), Data: l.Plan.Data, Tries: each(l.Tries, toTryJSON)}
}

// tryJSON is an attempt as the log has it.
type tryJSON struct {
	ID           string           `json:"_id"`
	At           string           `json:"at"`
	Took         float64          `json:"took"` // milliseconds
	Number       int              `json:"attempt"`
	Outcome      string           `json:"outcome"`
	Step         string           `json:"step"`
	Status       *int             `json:"status"`
	Error        string           `json:"error,omitzero"`
	Next         string           `json:"next,omitzero"`
	MetadataOnly bool             `json:"metadataOnly"`
	Request      *tryRequestJSON  `json:"request,omitzero"`
	Response     *tryResponseJSON `json:"response,omitzero"`
	Console      []string         `json:"console,omitzero"`
	Messages     []sentJSON       `json:"messages,omitzero"`
}

type tryRequestJSON struct {
	Method  string       `json:"method"`
	URL     string       `json:"url,omitzero"`
	Headers []headerJSON `json:"headers,omitzero"`
	Body    *excerptJSON `json:"body,omitzero"`
}

type tryResponseJSON struct {
	Headers []headerJSON `json:"headers,omitzero"`
	Body    *excerptJSON `json:"body,omitzero"`
}

// mostTryBody is how much of a body is shown with an attempt.
const mostTryBody = 16 << 10

func toTryJSON(x integrations.Exchange) tryJSON {
	shape := tryJSON{
		ID: x.ID, At: isoTime(x.At), Took: milliseconds(x.Took), Number: x.Attempt, Outcome: string(x.Outcome), Step: string(x.Step),
		Status: unlessZero(x.Status), Error: x.Error, Next: isoTime(x.Next), MetadataOnly: x.Bare,
	}
	d := x.Detail
	if d == nil {
		return shape
	}
	shape.Console, shape.Messages = d.Console, sent(d.Messages)
	if d.Method == "" {
		return shape
	}
	shape.Request = &tryRequestJSON{Method: d.Method, URL: d.URL, Headers: headerLines(d.RequestHeader), Body: shortExcerpt(d.RequestBody)}
	if x.Status != 0 && !x.Bare {
		shape.Response = &tryResponseJSON{Headers: headerLines(d.ResponseHeader), Body: shortExcerpt(d.ResponseBody)}
	}
	return shape
}

func shortExcerpt(e integrations.Excerpt) *excerptJSON {
	e.Bytes = e.Bytes[:min(len(e.Bytes), mostTryBody)]
	return toExcerptJSON(e)
}
