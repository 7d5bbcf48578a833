package api

import "github.com/grapnel-chat/grapnel/integrations"

// integrationJSON is an integration as clients know it.
type integrationJSON struct {
	Type                string           `json:"type"`
	Username            string           `json:"username"`
	Channel             []string         `json:"channel"`
	Event               string           `json:"event,omitzero"`
	ScriptEnabled       bool             `json:"scriptEnabled"`
	Name                string           `json:"name"`
	Enabled             bool             `json:"enabled"`
	Alias               *string          `json:"alias,omitzero"`
	Avatar              *string          `json:"avatar,omitzero"`
	Emoji               *string          `json:"emoji,omitzero"`
	Script              *string          `json:"script,omitzero"`
	ScriptCompiled      *string          `json:"scriptCompiled,omitzero"`
	ScriptError         *scriptErrorJSON `json:"scriptError,omitzero"`
	ScriptEngine        string           `json:"scriptEngine"`
	SkipTranspile       *bool            `json:"skipTranspile,omitzero"`
	OverrideChannel     *bool            `json:"overrideDestinationChannelEnabled,omitzero"`
	TargetRoom          *string          `json:"targetRoom,omitzero"`
	URLs                []string         `json:"urls,omitzero"`
	TriggerWords        []string         `json:"triggerWords,omitzero"`
	TriggerWordAnywhere *bool            `json:"triggerWordAnywhere,omitzero"`
	RunOnEdits          *bool            `json:"runOnEdits,omitzero"`
	RetryFailedCalls    *bool            `json:"retryFailedCalls,omitzero"`
	RetryCount          *int             `json:"retryCount,omitzero"`
	RetryDelay          *string          `json:"retryDelay,omitzero"`
	ImpersonateUser     *bool            `json:"impersonateUser,omitzero"`
	Token               *string          `json:"token,omitzero"`
	UserID              string           `json:"userId"`
	CreatedAt           string           `json:"_createdAt"`
	CreatedBy           actorJSON        `json:"_createdBy"`
	UpdatedAt           string           `json:"_updatedAt,omitzero"`
	UpdatedBy           *actorJSON       `json:"_updatedBy,omitzero"`
	ID                  string           `json:"_id"`
}

type actorJSON struct {
	ID       string `json:"_id"`
	Username string `json:"username"`
}

type scriptErrorJSON struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Stack   string `json:"stack,omitzero"`
}

func toIntegrationJSON(i integrations.Integration) integrationJSON {
	j := integrationJSON{
		Type: string(i.Kind), Username: i.Username, Channel: i.Channels, Event: string(i.Event), ScriptEnabled: i.ScriptEnabled,
		Name: i.Name, Enabled: i.Enabled, Alias: i.Alias, Avatar: i.Avatar, Emoji: i.Emoji, Script: i.Script,
		ScriptCompiled: i.ScriptCompiled, ScriptEngine: i.ScriptEngine, SkipTranspile: &i.SkipTranspile,
		TargetRoom: i.TargetRoom, URLs: i.URLs, TriggerWords: i.TriggerWords, TriggerWordAnywhere: i.TriggerWordAnywhere,
		RunOnEdits: i.RunOnEdits, RetryFailedCalls: i.RetryFailedCalls, RetryCount: i.RetryCount, RetryDelay: i.RetryDelay,
		ImpersonateUser: i.ImpersonateUser, Token: i.Token, UserID: i.UserID, CreatedAt: isoTime(i.CreatedAt),
		CreatedBy: actorJSON(i.CreatedBy), UpdatedAt: isoTime(i.UpdatedAt), ID: i.ID,
	}
	if i.Kind == integrations.Incoming {
		j.OverrideChannel = &i.OverrideChannel
	}
	if i.ScriptError != nil {
		shape := scriptErrorJSON(*i.ScriptError)
		j.ScriptError = &shape
	}
	if i.UpdatedBy != nil {
		shape := actorJSON(*i.UpdatedBy)
		j.UpdatedBy = &shape
	}
	return j
}

// asBuilt leaves out what the published page does not show on create: a record that was just made
// has not been updated, and says nothing of transpiling unless its author did.
func (j integrationJSON) asBuilt(skipTranspileSent bool) integrationJSON {
	j.UpdatedAt = ""
	if !skipTranspileSent {
		j.SkipTranspile = nil
	}
	return j
}

type lastErrorJSON struct {
	At      string   `json:"at"`
	Method  string   `json:"method"`
	Name    string   `json:"name,omitzero"`
	Message string   `json:"message"`
	Line    int      `json:"line,omitzero"`
	Column  int      `json:"column,omitzero"`
	Console []string `json:"console,omitzero"`
}

// throttledJSON says that a script is not run for a while.
type throttledJSON struct {
	Until string `json:"until"`
	Cause string `json:"cause"`
}

func toLastErrorJSON(e integrations.LastError) lastErrorJSON {
	return lastErrorJSON{
		At: isoTime(e.At), Method: string(e.Method), Name: e.Name, Message: e.Message, Line: e.Line, Column: e.Column, Console: e.Console,
	}
}
