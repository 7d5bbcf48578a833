package api

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
)

// historyJSON is a delivery as Rocket.Chat's history shows it.
type historyJSON struct {
	ID                 string          `json:"_id"`
	Type               string          `json:"type"`
	Step               string          `json:"step"`
	Integration        integrationJSON `json:"integration"`
	Event              string          `json:"event"`
	CreatedAt          string          `json:"_createdAt"`
	UpdatedAt          string          `json:"_updatedAt"`
	Data               jsontext.Value  `json:"data,omitzero"`
	TriggerWord        string          `json:"triggerWord,omitzero"`
	RanPrepareScript   bool            `json:"ranPrepareScript"`
	PrepareSentMessage []sentJSON      `json:"prepareSentMessage,omitzero"`
	ProcessSentMessage []sentJSON      `json:"processSentMessage,omitzero"`
	ResultMessage      []sentJSON      `json:"resultMessage,omitzero"`
	URL                string          `json:"url"`
	HTTPCallData       jsontext.Value  `json:"httpCallData,omitzero"`
	HTTPError          string          `json:"httpError,omitzero"`
	HTTPResult         string          `json:"httpResult,omitzero"`
	Error              string          `json:"error,omitzero"`
	ErrorStack         string          `json:"errorStack,omitzero"`
	ReplayOf           string          `json:"replayOf,omitzero"`
	Finished           bool            `json:"finished"`
}

// sentJSON is a message that a delivery led to.
type sentJSON struct {
	Channel string         `json:"channel"`
	Message sentMessageRef `json:"message"`
}

type sentMessageRef struct {
	ID     string `json:"_id"`
	RoomID string `json:"rid"`
	Text   string `json:"msg"`
}

func toHistoryJSON(e integrations.Entry) historyJSON {
	d, p := e.Delivery, e.Delivery.Progress
	return historyJSON{
		ID: d.ID, Type: "outgoing-webhook", Step: string(p.Step), Integration: toIntegrationJSON(e.Integration), Event: string(d.Plan.Event),
		CreatedAt: isoTime(d.CreatedAt), UpdatedAt: isoTime(d.UpdatedAt), Data: d.Plan.Data, TriggerWord: d.Plan.TriggerWord,
		RanPrepareScript: p.RanPrepareScript, PrepareSentMessage: sent(p.PrepareSent), ProcessSentMessage: sent(p.ProcessSent),
		ResultMessage: sent(p.Result), URL: d.Plan.URL, HTTPCallData: p.Call, HTTPError: p.HTTPError, HTTPResult: p.HTTPResult,
		Error: p.Error, ErrorStack: p.ErrorStack, ReplayOf: d.Plan.ReplayOf, Finished: p.Finished,
	}
}

// sent shapes messages; none are left out.
func sent(list []integrations.Sent) []sentJSON {
	if len(list) == 0 {
		return nil
	}
	return each(list, func(s integrations.Sent) sentJSON {
		return sentJSON{Channel: s.Channel, Message: sentMessageRef{ID: s.MessageID, RoomID: s.RoomID, Text: s.Text}}
	})
}
