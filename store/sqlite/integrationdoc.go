package sqlite

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// integrationDoc is an integration as a document.
type integrationDoc struct {
	ID                  string    `json:"_id,omitzero"`
	Kind                string    `json:"type,omitzero"`
	Name                string    `json:"name,omitzero"`
	Enabled             bool      `json:"enabled,omitzero"`
	Username            string    `json:"username,omitzero"`
	UserID              string    `json:"userId,omitzero"`
	Channels            []string  `json:"channels,omitzero"`
	Token               *string   `json:"token,omitzero"`
	Alias               *string   `json:"alias,omitzero"`
	Avatar              *string   `json:"avatar,omitzero"`
	Emoji               *string   `json:"emoji,omitzero"`
	Script              *string   `json:"script,omitzero"`
	ScriptEnabled       bool      `json:"scriptEnabled,omitzero"`
	ScriptEngine        string    `json:"scriptEngine,omitzero"`
	SkipTranspile       bool      `json:"skipTranspile,omitzero"`
	ScriptCompiled      *string   `json:"scriptCompiled,omitzero"`
	ScriptError         *faultDoc `json:"scriptError,omitzero"`
	OverrideChannel     bool      `json:"overrideChannel,omitzero"`
	Event               string    `json:"event,omitzero"`
	TargetRoom          *string   `json:"targetRoom,omitzero"`
	URLs                []string  `json:"urls,omitzero"`
	TriggerWords        []string  `json:"triggerWords,omitzero"`
	TriggerWordAnywhere *bool     `json:"triggerWordAnywhere,omitzero"`
	RunOnEdits          *bool     `json:"runOnEdits,omitzero"`
	RetryFailedCalls    *bool     `json:"retryFailedCalls,omitzero"`
	RetryCount          *int      `json:"retryCount,omitzero"`
	RetryDelay          *string   `json:"retryDelay,omitzero"`
	ImpersonateUser     *bool     `json:"impersonateUser,omitzero"`
	CreatedAt           time.Time `json:"_createdAt,omitzero"`
	CreatedBy           actorDoc  `json:"_createdBy,omitzero"`
	UpdatedAt           time.Time `json:"_updatedAt,omitzero"`
	UpdatedBy           *actorDoc `json:"_updatedBy,omitzero"`
}

type faultDoc struct {
	Name    string `json:"name,omitzero"`
	Message string `json:"message,omitzero"`
	Stack   string `json:"stack,omitzero"`
}

type actorDoc struct {
	ID       string `json:"_id,omitzero"`
	Username string `json:"username,omitzero"`
}

// encodeIntegration leaves encode aside, whose encoder would hold on to a buffer for the largest script
// of all, for as long as it has other documents to encode.
func encodeIntegration(i integrations.Integration) (string, error) {
	text, err := json.Marshal(integrationDoc{
		ID: i.ID, Kind: string(i.Kind), Name: i.Name, Enabled: i.Enabled, Username: i.Username, UserID: i.UserID,
		Channels: i.Channels, Token: i.Token, Alias: i.Alias, Avatar: i.Avatar, Emoji: i.Emoji,
		Script: i.Script, ScriptEnabled: i.ScriptEnabled, ScriptEngine: i.ScriptEngine, SkipTranspile: i.SkipTranspile,
		ScriptCompiled: i.ScriptCompiled, ScriptError: (*faultDoc)(i.ScriptError), OverrideChannel: i.OverrideChannel,
		Event: string(i.Event), TargetRoom: i.TargetRoom, URLs: i.URLs, TriggerWords: i.TriggerWords,
		TriggerWordAnywhere: i.TriggerWordAnywhere, RunOnEdits: i.RunOnEdits, RetryFailedCalls: i.RetryFailedCalls,
		RetryCount: i.RetryCount, RetryDelay: i.RetryDelay, ImpersonateUser: i.ImpersonateUser,
		CreatedAt: i.CreatedAt, CreatedBy: actorDoc(i.CreatedBy), UpdatedAt: i.UpdatedAt, UpdatedBy: (*actorDoc)(i.UpdatedBy),
	}, jsontext.AllowInvalidUTF8(true))
	return string(text), err
}

func decodeIntegration(text []byte) (integrations.Integration, error) {
	var d integrationDoc
	if err := decode(text, &d); err != nil {
		return integrations.Integration{}, fmt.Errorf("decode integration: %w", err)
	}
	return integrations.Integration{
		ID: d.ID, Kind: integrations.Kind(d.Kind), Name: d.Name, Enabled: d.Enabled, Username: d.Username, UserID: d.UserID,
		Channels: d.Channels, Token: d.Token, Alias: d.Alias, Avatar: d.Avatar, Emoji: d.Emoji,
		Script: d.Script, ScriptEnabled: d.ScriptEnabled, ScriptEngine: d.ScriptEngine, SkipTranspile: d.SkipTranspile,
		ScriptCompiled: d.ScriptCompiled, ScriptError: (*integrations.ScriptFault)(d.ScriptError), OverrideChannel: d.OverrideChannel,
		Event: workspace.EventKind(d.Event), TargetRoom: d.TargetRoom, URLs: d.URLs, TriggerWords: d.TriggerWords,
		TriggerWordAnywhere: d.TriggerWordAnywhere, RunOnEdits: d.RunOnEdits, RetryFailedCalls: d.RetryFailedCalls,
		RetryCount: d.RetryCount, RetryDelay: d.RetryDelay, ImpersonateUser: d.ImpersonateUser,
		CreatedAt: d.CreatedAt, CreatedBy: integrations.Actor(d.CreatedBy), UpdatedAt: d.UpdatedAt, UpdatedBy: (*integrations.Actor)(d.UpdatedBy),
	}, nil
}

// lastErrorDoc is an integrations.LastError as a document.
type lastErrorDoc struct {
	IntegrationID string    `json:"_id,omitzero"`
	At            time.Time `json:"at,omitzero"`
	Method        string    `json:"method,omitzero"`
	Name          string    `json:"name,omitzero"`
	Message       string    `json:"message,omitzero"`
	Line          int       `json:"line,omitzero"`
	Column        int       `json:"column,omitzero"`
	Stack         string    `json:"stack,omitzero"`
	Console       []string  `json:"console,omitzero"`
	Remedy        string    `json:"remedy,omitzero"`
}

func encodeLastError(e integrations.LastError) (string, error) {
	return encode(lastErrorDoc{
		IntegrationID: e.IntegrationID, At: e.At, Method: string(e.Method), Name: e.Name, Message: e.Message,
		Line: e.Line, Column: e.Column, Stack: e.Stack, Console: e.Console, Remedy: e.Remedy,
	})
}

func decodeLastError(text []byte) (integrations.LastError, error) {
	var d lastErrorDoc
	if err := decode(text, &d); err != nil {
		return integrations.LastError{}, fmt.Errorf("decode last error: %w", err)
	}
	return integrations.LastError{
		IntegrationID: d.IntegrationID, At: d.At, Method: integrations.ScriptMethod(d.Method), Name: d.Name, Message: d.Message,
		Line: d.Line, Column: d.Column, Stack: d.Stack, Console: d.Console, Remedy: d.Remedy,
	}, nil
}
