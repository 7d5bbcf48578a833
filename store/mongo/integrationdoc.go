package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// integrationDoc is an integration as Rocket.Chat keeps it. Its versions have had more than one type
// for some members, which are read as they are.
type integrationDoc struct {
	ID                  string        `bson:"_id"`
	Kind                string        `bson:"type"`
	Name                string        `bson:"name,omitzero"`
	Enabled             bool          `bson:"enabled"`
	Username            string        `bson:"username,omitzero"`
	UserID              string        `bson:"userId,omitzero"`
	Channels            bson.RawValue `bson:"channel,omitzero"` // texts; once a single one
	Token               *string       `bson:"token,omitzero"`
	Alias               *string       `bson:"alias,omitzero"`
	Avatar              *string       `bson:"avatar,omitzero"`
	Emoji               *string       `bson:"emoji,omitzero"`
	Script              *string       `bson:"script,omitzero"`
	ScriptEnabled       bool          `bson:"scriptEnabled"`
	ScriptEngine        string        `bson:"scriptEngine,omitzero"`
	ScriptCompiled      *string       `bson:"scriptCompiled,omitzero"`
	ScriptError         bson.RawValue `bson:"scriptError,omitzero"` // a fault, or its text alone
	SkipTranspile       bool          `bson:"skipTranspile,omitzero"`
	OverrideChannel     bool          `bson:"overrideDestinationChannelEnabled,omitzero"`
	Event               string        `bson:"event,omitzero"`
	TargetRoom          *string       `bson:"targetRoom,omitzero"`
	URLs                []string      `bson:"urls,omitzero"`
	TriggerWords        []string      `bson:"triggerWords,omitzero"`
	TriggerWordAnywhere *bool         `bson:"triggerWordAnywhere,omitzero"`
	RunOnEdits          *bool         `bson:"runOnEdits,omitzero"`
	RetryFailedCalls    *bool         `bson:"retryFailedCalls,omitzero"`
	RetryCount          *int          `bson:"retryCount,omitzero"`
	RetryDelay          *string       `bson:"retryDelay,omitzero"`
	ImpersonateUser     *bool         `bson:"impersonateUser,omitzero"`
	CreatedAt           time.Time     `bson:"_createdAt"`
	CreatedBy           actorDoc      `bson:"_createdBy"`
	UpdatedAt           time.Time     `bson:"_updatedAt"`
	UpdatedBy           *actorDoc     `bson:"_updatedBy,omitzero"`
}

type faultDoc struct {
	Name    string `bson:"name,omitzero"`
	Message string `bson:"message,omitzero"`
	Stack   string `bson:"stack,omitzero"`
}

type actorDoc struct {
	ID       string `bson:"_id,omitzero"`
	Username string `bson:"username,omitzero"`
}

func encodeIntegration(i integrations.Integration) integrationDoc {
	d := integrationDoc{
		ID: i.ID, Kind: string(i.Kind), Name: i.Name, Enabled: i.Enabled, Username: i.Username, UserID: i.UserID,
		Token: i.Token, Alias: i.Alias, Avatar: i.Avatar, Emoji: i.Emoji, Script: i.Script, ScriptEnabled: i.ScriptEnabled,
		ScriptEngine: i.ScriptEngine, SkipTranspile: i.SkipTranspile, ScriptCompiled: i.ScriptCompiled, OverrideChannel: i.OverrideChannel,
		Event: string(i.Event), TargetRoom: i.TargetRoom, URLs: i.URLs, TriggerWords: i.TriggerWords,
		TriggerWordAnywhere: i.TriggerWordAnywhere, RunOnEdits: i.RunOnEdits, RetryFailedCalls: i.RetryFailedCalls,
		RetryCount: i.RetryCount, RetryDelay: i.RetryDelay, ImpersonateUser: i.ImpersonateUser,
		CreatedAt: i.CreatedAt, CreatedBy: actorDoc(i.CreatedBy), UpdatedAt: i.UpdatedAt, UpdatedBy: (*actorDoc)(i.UpdatedBy),
	}
	if i.Channels != nil {
		d.Channels = rawOf(i.Channels)
	}
	if i.ScriptError != nil {
		d.ScriptError = rawOf(faultDoc(*i.ScriptError))
	}
	return d
}

func decodeIntegration(d integrationDoc) integrations.Integration {
	return integrations.Integration{
		ID: d.ID, Kind: integrations.Kind(d.Kind), Name: d.Name, Enabled: d.Enabled, Username: d.Username, UserID: d.UserID,
		Channels: textsIn(d.Channels), Token: d.Token, Alias: d.Alias, Avatar: d.Avatar, Emoji: d.Emoji,
		Script: d.Script, ScriptEnabled: d.ScriptEnabled, ScriptEngine: d.ScriptEngine, SkipTranspile: d.SkipTranspile,
		ScriptCompiled: d.ScriptCompiled, ScriptError: faultIn(d.ScriptError), OverrideChannel: d.OverrideChannel,
		Event: workspace.EventKind(d.Event), TargetRoom: d.TargetRoom, URLs: d.URLs, TriggerWords: d.TriggerWords,
		TriggerWordAnywhere: d.TriggerWordAnywhere, RunOnEdits: d.RunOnEdits, RetryFailedCalls: d.RetryFailedCalls,
		RetryCount: d.RetryCount, RetryDelay: d.RetryDelay, ImpersonateUser: d.ImpersonateUser,
		CreatedAt: d.CreatedAt, CreatedBy: integrations.Actor(d.CreatedBy), UpdatedAt: d.UpdatedAt, UpdatedBy: (*integrations.Actor)(d.UpdatedBy),
	}
}

// rawOf is a value that always has a form in a document.
func rawOf(value any) bson.RawValue {
	kind, data, err := bson.MarshalValue(value)
	if err != nil {
		panic("mongo: " + err.Error())
	}
	return bson.RawValue{Type: kind, Value: data}
}

// textsIn answers the texts of an array, or the only one.
func textsIn(value bson.RawValue) []string {
	if text, ok := value.StringValueOK(); ok {
		return []string{text}
	}
	array, ok := value.ArrayOK()
	if !ok {
		return nil
	}
	texts := []string{}
	values, _ := bson.Raw(array).Values()
	for _, v := range values {
		if text, ok := v.StringValueOK(); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func faultIn(value bson.RawValue) *integrations.ScriptFault {
	if text, ok := value.StringValueOK(); ok {
		return &integrations.ScriptFault{Message: text}
	}
	var d faultDoc
	if value.Type != bson.TypeEmbeddedDocument || value.Unmarshal(&d) != nil {
		return nil
	}
	return (*integrations.ScriptFault)(&d)
}

// lastErrorDoc is an integrations.LastError as a document.
type lastErrorDoc struct {
	IntegrationID string    `bson:"_id"`
	At            time.Time `bson:"at"`
	Method        string    `bson:"method,omitzero"`
	Name          string    `bson:"name,omitzero"`
	Message       string    `bson:"message,omitzero"`
	Line          int       `bson:"line,omitzero"`
	Column        int       `bson:"column,omitzero"`
	Stack         string    `bson:"stack,omitzero"`
	Console       []string  `bson:"console,omitzero"`
	Remedy        string    `bson:"remedy,omitzero"`
}

func encodeLastError(e integrations.LastError) lastErrorDoc {
	return lastErrorDoc{
		IntegrationID: e.IntegrationID, At: e.At, Method: string(e.Method), Name: e.Name, Message: e.Message,
		Line: e.Line, Column: e.Column, Stack: e.Stack, Console: e.Console, Remedy: e.Remedy,
	}
}

func decodeLastError(d lastErrorDoc) integrations.LastError {
	return integrations.LastError{
		IntegrationID: d.IntegrationID, At: d.At, Method: integrations.ScriptMethod(d.Method), Name: d.Name, Message: d.Message,
		Line: d.Line, Column: d.Column, Stack: d.Stack, Console: d.Console, Remedy: d.Remedy,
	}
}
