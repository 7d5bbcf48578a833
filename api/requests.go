package api

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
)

// listRequests answers the latest requests to hooks.
func (a *API) listRequests(c *gin.Context) {
	q := document(c)
	filter := integrations.ExchangeFilter{Before: text(q, "before"), Outcome: integrations.ExchangeOutcome(text(q, "outcome"))}
	var err error
	filter.Since, filter.Until, err = period(q)
	if err == nil {
		err = oneOf(q, "outcome", integrations.Outcomes(integrations.Incoming))
	}
	limit, wrong := a.most(q)
	if err = cmp.Or(err, wrong); err != nil {
		a.fail(c, err)
		return
	}
	found, err := a.Integrations.Requests(c.Request.Context(), actor(c), text(q, "integrationId"), filter, limit)
	a.reply(c, requestPage{Requests: each(found, toRequestJSON), Count: len(found), Next: nextOf(found, limit)}, wordFind(err))
}

// requestPage is a page of a list that goes on where it ended, and not by numbers: what is new does
// not shift it.
type requestPage struct {
	Requests []requestJSON `json:"requests"`
	Count    int           `json:"count"`
	Next     *string       `json:"next"`
}

// nextOf is what to send as before for the next page; nil behind the last.
func nextOf(found []integrations.Exchange, limit int) *string {
	if len(found) < limit || len(found) == 0 {
		return nil
	}
	return &found[len(found)-1].ID
}

// getRequest answers one request with all that is known of it.
func (a *API) getRequest(c *gin.Context) {
	found, err := a.Integrations.Request(c.Request.Context(), actor(c), c.Param("id"))
	a.reply(c, fields{"request": toWholeRequestJSON(found)}, err)
}

// replayRequest receives a logged request once more, and answers what the log has of that.
func (a *API) replayRequest(c *gin.Context) {
	made, err := a.Integrations.ReplayRequest(c.Request.Context(), actor(c), integrations.RequestReplay{
		ID: c.Param("id"), RequestID: c.Writer.Header().Get("X-Request-Id"), Address: a.clientIP(c),
	})
	a.reply(c, fields{"request": toWholeRequestJSON(made)}, err)
}

// most reads count, for lists that are never answered whole.
func (a *API) most(q *schema.Object) (int, error) {
	settings := a.Workspace.Settings()
	const none = math.MinInt32 // which is no number of rows
	count := number(q, "count", none)
	if value, _ := q.Get("count"); count == none && value != nil && value != "" {
		return 0, codeError("invalid-params", "`count` has to be a whole number of rows, such as 50")
	}
	if count <= 0 {
		count = settings.Int("API_Default_Count")
	}
	const absolute = 1000 // whatever the settings say
	limit := min(settings.Int("API_Upper_Count_Limit"), absolute)
	if limit <= 0 {
		limit = absolute
	}
	return max(1, min(count, limit)), nil
}

// period reads since and until.
func period(q *schema.Object) (since, until time.Time, err error) {
	if since, err = dateMember(q, "since"); err == nil {
		until, err = dateMember(q, "until")
	}
	return since, until, err
}

func dateMember(q *schema.Object, name string) (time.Time, error) {
	at, ok := dateOf(text(q, name))
	if !ok {
		return at, codeError("invalid-params", "`"+name+"` has to be a date such as 2026-03-04T10:16:02.480Z or 2026-03-04")
	}
	return at, nil
}

// oneOf refuses a member that is none of the values that it may have; left out, it may be any.
func oneOf[T ~string](q *schema.Object, name string, values []T) error {
	value := text(q, name)
	if value == "" || slices.Contains(values, T(value)) {
		return nil
	}
	var b strings.Builder
	for n, v := range values {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	return codeError("invalid-params", "`"+name+"` has to be one of "+b.String())
}
