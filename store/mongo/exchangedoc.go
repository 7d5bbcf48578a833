package mongo

import (
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
)

// exchangeDoc is an exchange as a document.
type exchangeDoc struct {
	Key           string     `bson:"_id"` // keyOf
	IntegrationID string     `bson:"integrationId"`
	Kind          string     `bson:"kind,omitzero"`
	At            time.Time  `bson:"at"`
	Took          int64      `bson:"took,omitzero"` // nanoseconds
	Outcome       string     `bson:"outcome,omitzero"`
	Error         string     `bson:"error,omitzero"`
	RequestID     string     `bson:"requestId,omitzero"`
	ReplayOf      string     `bson:"replayOf,omitzero"`
	Bare          bool       `bson:"bare,omitzero"`
	DeliveryID    string     `bson:"deliveryId,omitzero"`
	Attempt       int        `bson:"attempt,omitzero"`
	Status        int        `bson:"status,omitzero"`
	Step          string     `bson:"step,omitzero"`
	Next          time.Time  `bson:"next,omitzero"`
	Size          int64      `bson:"size,omitzero"`
	Bytes         int64      `bson:"bytes"` // that it is counted with
	Detail        *detailDoc `bson:"detail,omitzero"`
}

type detailDoc struct {
	Address        string      `bson:"address,omitzero"`
	Method         string      `bson:"method,omitzero"`
	URL            string      `bson:"url,omitzero"`
	RequestHeader  []headerDoc `bson:"requestHeader,omitzero"`
	RequestBody    excerptDoc  `bson:"requestBody,omitzero"`
	ResponseHeader []headerDoc `bson:"responseHeader,omitzero"`
	ResponseBody   excerptDoc  `bson:"responseBody,omitzero"`
	Result         excerptDoc  `bson:"result,omitzero"`
	Console        []string    `bson:"console,omitzero"`
	Messages       []sentDoc   `bson:"messages,omitzero"`
	Sealed         []byte      `bson:"sealed,omitzero"`
}

type headerDoc struct {
	Name   string `bson:"name"`
	Value  string `bson:"value,omitzero"`
	Secret bool   `bson:"secret,omitzero"`
}

type excerptDoc struct {
	Bytes []byte `bson:"bytes,omitzero"`
	Size  int64  `bson:"size,omitzero"`
}

type sentDoc struct {
	Channel   string `bson:"channel,omitzero"`
	RoomID    string `bson:"roomId,omitzero"`
	MessageID string `bson:"messageId,omitzero"`
	Text      string `bson:"text,omitzero"`
}

const (
	// exchangeCost is what an exchange counts beside its detail.
	exchangeCost = 512
	// mostDetail is what a document has room for: MongoDB's end at 16 MB.
	mostDetail = 15 << 20
)

// keyOf is an exchange's id and, behind a slash, its integration's. Keys stand in the order of the ids.
func keyOf(id, integrationID string) string { return id + "/" + integrationID }

// keysOf is the condition on the keys of an id. What comes behind the slash is a zero.
func keysOf(id string) bson.E { return is("_id", bson.D{is("$gte", id+"/"), is("$lt", id+"0")}) }

func encodeExchange(integrationID string, e integrations.Exchange) exchangeDoc {
	d := exchangeDoc{
		Key: keyOf(e.ID, integrationID), IntegrationID: integrationID, Kind: string(e.Kind), At: e.At, Took: int64(e.Took), Outcome: string(e.Outcome), Error: e.Error,
		RequestID: e.RequestID, ReplayOf: e.ReplayOf, Bare: e.Bare, DeliveryID: e.DeliveryID, Attempt: e.Attempt, Status: e.Status,
		Step: string(e.Step), Next: e.Next, Size: e.Size, Bytes: exchangeCost + int64(len(e.Error)),
	}
	if e.Detail == nil {
		return d
	}
	size := weigh(*e.Detail)
	if size > mostDetail {
		d.Bare = true
		return d
	}
	d.Bytes += size
	d.Detail = &detailDoc{
		Address: e.Detail.Address, Method: e.Detail.Method, URL: e.Detail.URL,
		RequestHeader: convert(e.Detail.RequestHeader, encodeHeader), RequestBody: excerptDoc(e.Detail.RequestBody),
		ResponseHeader: convert(e.Detail.ResponseHeader, encodeHeader), ResponseBody: excerptDoc(e.Detail.ResponseBody),
		Result: excerptDoc(e.Detail.Result), Console: e.Detail.Console,
		Messages: convert(e.Detail.Messages, func(m integrations.Sent) sentDoc { return sentDoc(m) }), Sealed: e.Detail.Sealed,
	}
	return d
}

func encodeHeader(h integrations.HeaderLine) headerDoc { return headerDoc(h) }
func decodeHeader(h headerDoc) integrations.HeaderLine { return integrations.HeaderLine(h) }

func decodeExchange(d exchangeDoc) integrations.Exchange {
	id, _, _ := strings.Cut(d.Key, "/")
	e := integrations.Exchange{
		ID: id, IntegrationID: d.IntegrationID, Kind: integrations.Kind(d.Kind), At: d.At, Took: time.Duration(d.Took),
		Outcome: integrations.ExchangeOutcome(d.Outcome), Error: d.Error, RequestID: d.RequestID, ReplayOf: d.ReplayOf, Bare: d.Bare,
		DeliveryID: d.DeliveryID, Attempt: d.Attempt, Status: d.Status, Step: integrations.Step(d.Step), Next: d.Next, Size: d.Size,
	}
	if d.Detail == nil {
		return e
	}
	e.Detail = &integrations.Detail{
		Address: d.Detail.Address, Method: d.Detail.Method, URL: d.Detail.URL,
		RequestHeader: convert(d.Detail.RequestHeader, decodeHeader), RequestBody: integrations.Excerpt(d.Detail.RequestBody),
		ResponseHeader: convert(d.Detail.ResponseHeader, decodeHeader), ResponseBody: integrations.Excerpt(d.Detail.ResponseBody),
		Result: integrations.Excerpt(d.Detail.Result), Console: d.Detail.Console,
		Messages: convert(d.Detail.Messages, func(m sentDoc) integrations.Sent { return integrations.Sent(m) }), Sealed: d.Detail.Sealed,
	}
	return e
}

// weigh is how many bytes a detail takes, about.
func weigh(d integrations.Detail) int64 {
	n := len(d.Address) + len(d.Method) + len(d.URL) + len(d.RequestBody.Bytes) + len(d.ResponseBody.Bytes) + len(d.Result.Bytes) + len(d.Sealed)
	for _, list := range [][]integrations.HeaderLine{d.RequestHeader, d.ResponseHeader} {
		for _, h := range list {
			n += len(h.Name) + len(h.Value)
		}
	}
	for _, line := range d.Console {
		n += len(line)
	}
	for _, m := range d.Messages {
		n += len(m.Channel) + len(m.RoomID) + len(m.MessageID) + len(m.Text)
	}
	return int64(n)
}
