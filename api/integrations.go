package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

func (a *API) createIntegration(c *gin.Context) {
	in := document(c)
	created, err := a.Integrations.Create(c.Request.Context(), actor(c), integrationFields(in))
	shape := toIntegrationJSON(created)
	if a.Level < 8 {
		_, skipTranspileSent := in.Get("skipTranspile")
		shape = shape.asBuilt(skipTranspileSent)
	}
	a.reply(c, fields{"integration": shape}, err)
}

func (a *API) listIntegrations(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	q := document(c)
	found, total, err := a.Integrations.List(c.Request.Context(), actor(c), text(q, "name"), integrations.Kind(text(q, "type")), page)
	rows := each(found, toIntegrationJSON)
	a.reply(c, itemPage[integrationJSON]{Integrations: rows, Offset: page.Offset, Items: len(rows), Count: len(rows), Total: total}, err)
}

func (a *API) getIntegration(c *gin.Context) {
	q := document(c)
	found, err := a.Integrations.Find(c.Request.Context(), actor(c), text(q, "integrationId"), text(q, "createdBy"))
	a.reply(c, fields{"integration": toIntegrationJSON(found)}, wordFind(err))
}

// wordFind words what only the look-up of one integration answers.
func wordFind(err error) error {
	switch {
	case errors.Is(err, integrations.ErrEmptyID):
		return plainError(`The query parameter "integrationId" is required.`)
	case errors.Is(err, workspace.ErrNotFound):
		return plainError("The integration does not exists.")
	default:
		return err
	}
}

func (a *API) updateIntegration(c *gin.Context) {
	in := integrationFields(document(c))
	updated, err := a.Integrations.Update(c.Request.Context(), actor(c), in)
	a.reply(c, fields{"integration": toIntegrationJSON(updated)}, err)
}

func (a *API) removeIntegration(c *gin.Context) {
	in := document(c)
	removed, err := a.Integrations.Remove(c.Request.Context(), actor(c), integrations.Removal{
		Type: text(in, "type"), ID: text(in, "integrationId"), TargetURL: text(in, "target_url"),
	})
	a.reply(c, fields{"integration": toIntegrationJSON(removed)}, err)
}

func (a *API) integrationHistory(c *gin.Context) {
	page, err := a.page(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	entries, total, err := a.Integrations.History(c.Request.Context(), actor(c), text(document(c), "id"), page)
	if errors.Is(err, integrations.ErrEmptyID) {
		err = plainError("Invalid integration id.")
	}
	rows := each(entries, toHistoryJSON)
	a.reply(c, itemPage[historyJSON]{History: rows, Offset: page.Offset, Items: len(rows), Count: len(rows), Total: total}, err)
}

func (a *API) clearHistory(c *gin.Context) {
	err := a.Integrations.ClearHistory(c.Request.Context(), actor(c), text(document(c), "integrationId"))
	a.reply(c, fields{}, err)
}

func (a *API) replayOutgoing(c *gin.Context) {
	in := document(c)
	err := a.Integrations.Replay(c.Request.Context(), actor(c), text(in, "integrationId"), text(in, "historyId"))
	a.reply(c, fields{}, err)
}

// lastRun answers why the script of an integration failed last, if it ever did.
func (a *API) lastRun(c *gin.Context) {
	id := text(document(c), "integrationId")
	last, err := a.Integrations.LastError(c.Request.Context(), actor(c), id)
	out := fields{}
	switch {
	case errors.Is(err, integrations.ErrNoRun):
		err = nil
	case err == nil:
		out["lastError"] = toLastErrorJSON(last)
	}
	if err == nil {
		if t := a.Integrations.Throttled(id); t != nil {
			out["throttled"] = throttledJSON{Until: isoTime(t.Until), Cause: t.Cause}
		}
	}
	a.reply(c, out, wordFind(err))
}

// integrationFields reads the document of create and update.
func integrationFields(o *schema.Object) integrations.Fields {
	return integrations.Fields{
		Type: text(o, "type"), ID: text(o, "integrationId"), TargetURL: text(o, "target_url"),
		Name: text(o, "name"), Enabled: member[bool](o, "enabled"), ScriptEnabled: member[bool](o, "scriptEnabled"),
		Username: optional[string](o, "username"), Channel: text(o, "channel"), Event: text(o, "event"),
		Alias: optional[string](o, "alias"), Avatar: optional[string](o, "avatar"), Emoji: optional[string](o, "emoji"),
		Script: optional[string](o, "script"), ScriptEngine: optional[string](o, "scriptEngine"),
		SkipTranspile:       optional[bool](o, "skipTranspile"),
		OverrideChannel:     optional[bool](o, "overrideDestinationChannelEnabled"),
		Token:               optional[string](o, "token"),
		TargetRoom:          optional[string](o, "targetRoom"),
		URLs:                optionalTexts(o, "urls"),
		TriggerWords:        optionalTexts(o, "triggerWords"),
		TriggerWordAnywhere: optional[bool](o, "triggerWordAnywhere"),
		RunOnEdits:          optional[bool](o, "runOnEdits"),
		RetryFailedCalls:    optional[bool](o, "retryFailedCalls"),
		RetryCount:          optional[float64](o, "retryCount"),
		RetryDelay:          optional[string](o, "retryDelay"),
		ImpersonateUser:     optional[bool](o, "impersonateUser"),
	}
}
