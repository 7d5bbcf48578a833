package delivery

import (
	"context"
	"strconv"

	"github.com/grapnel-chat/grapnel/integrations"
)

// noteOutage lets the integration know whether its call had a success.
func (w *Worker) noteOutage(ctx context.Context, d integrations.Delivery, end ending) {
	var err error
	lane := integrations.LaneTo(d.IntegrationID, d.Plan.URL, false).String() // whatever lane it waits in
	switch {
	case !end.called && !end.refused:
		return
	case !end.failed || end.state == integrations.Done: // a script may make a success of any answer
		err = w.Service.CallSucceeded(ctx, lane)
	default:
		err = w.Service.CallFailed(ctx, integrations.Outage{
			Lane: lane, IntegrationID: d.IntegrationID, URL: d.Plan.URL, Since: now(), LastError: causeOf(d, end),
		})
	}
	if err != nil {
		w.Logger.ErrorContext(ctx, "outage was not followed", "integration_id", d.IntegrationID, "error", err)
	}
}

// causeOf says in words why a call had no success.
func causeOf(d integrations.Delivery, end ending) string {
	if d.Progress.HTTPError != "" {
		return d.Progress.HTTPError
	}
	return "the answer was " + strconv.Itoa(end.status)
}
