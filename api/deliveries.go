package api

import (
	"cmp"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
)

// pending stands for all states of deliveries that have not ended.
const pending = "pending"

// states are what lists of deliveries are narrowed by.
var states = []string{
	string(integrations.Waiting), string(integrations.Parked), string(integrations.Held), string(integrations.Done), string(integrations.Dead), pending,
}

// statesOf reads state; left out, it is the given one.
func statesOf(q *schema.Object, otherwise string) ([]integrations.State, error) {
	if err := oneOf(q, "state", states); err != nil {
		return nil, err
	}
	switch state := cmp.Or(text(q, "state"), otherwise); state {
	case "":
		return nil, nil
	case pending:
		return integrations.Pending, nil
	default:
		return []integrations.State{integrations.State(state)}, nil
	}
}

// listDeliveries answers the latest deliveries.
func (a *API) listDeliveries(c *gin.Context) {
	q := document(c)
	filter := integrations.DeliveryFilter{Beyond: text(q, "before")}
	var err error
	if filter.Since, filter.Until, err = period(q); err == nil {
		filter.States, err = statesOf(q, "")
	}
	limit, wrong := a.most(q)
	if err = cmp.Or(err, wrong); err != nil {
		a.fail(c, err)
		return
	}
	found, err := a.Integrations.Deliveries(c.Request.Context(), actor(c), text(q, "integrationId"), filter, limit)
	page := deliveryPage{Deliveries: each(found, toDeliveryJSON), Count: len(found)}
	if len(found) == limit {
		page.Next = &found[limit-1].ID
	}
	a.reply(c, page, wordFind(err))
}

// deliveryPage is a page of a list that goes on where it ended.
type deliveryPage struct {
	Deliveries []deliveryJSON `json:"deliveries"`
	Count      int            `json:"count"`
	Next       *string        `json:"next"`
}

// getDelivery answers one delivery with its attempts.
func (a *API) getDelivery(c *gin.Context) {
	found, err := a.Integrations.FindDelivery(c.Request.Context(), actor(c), c.Param("id"))
	a.reply(c, fields{"delivery": toWholeDeliveryJSON(found)}, err)
}

func (a *API) replayDelivery(c *gin.Context) {
	made, err := a.Integrations.ReplayDelivery(c.Request.Context(), actor(c), c.Param("id"))
	a.reply(c, fields{"delivery": toWholeDeliveryJSON(made)}, err)
}

// replayDeliveries makes the deliveries of an integration again: those that were given up, unless the
// document says others.
func (a *API) replayDeliveries(c *gin.Context) {
	in := document(c)
	ask := integrations.Replays{IntegrationID: text(in, "integrationId"), After: text(in, "after")}
	var err error
	if ask.Since, ask.Until, err = period(in); err == nil {
		ask.States, err = statesOf(in, string(integrations.Dead))
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	done, err := a.Integrations.ReplayDeliveries(c.Request.Context(), actor(c), ask)
	a.reply(c, replayedJSON{Count: done.Count, Next: unlessZero(done.Last)}, wordFind(err))
}

// replayedJSON is how many deliveries were planned again, and where to go on.
type replayedJSON struct {
	Count int     `json:"count"`
	Next  *string `json:"next"`
}

func (a *API) cancelDelivery(c *gin.Context) {
	ended, err := a.Integrations.CancelDelivery(c.Request.Context(), actor(c), c.Param("id"))
	a.reply(c, fields{"delivery": toWholeDeliveryJSON(ended)}, err)
}
