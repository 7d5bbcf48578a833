package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// resultKept is how much of an answer the history keeps, in bytes.
const resultKept = 64 << 10

// carryOut makes one attempt: prepare, send, let the script process the answer, judge it, reply.
// What happened is written into the delivery's progress.
func (w *Worker) carryOut(ctx context.Context, d *integrations.Delivery) ending {
	d.Progress = integrations.Progress{Attempts: d.Progress.Attempts + 1, Step: d.Progress.Step}
	i, err := w.Service.OutgoingNow(ctx, d.IntegrationID)
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return w.giveUp(d, integrations.StepIntegrationGone, nil)
	case err != nil:
		return putOff(fmt.Errorf("read integration: %w", err))
	case !i.Enabled:
		return ending{state: integrations.Held}
	case d.Plan.ChainTooLong():
		return w.giveUp(d, integrations.StepChainTooLong, integrations.ErrChainTooLong)
	}
	request, end := w.prepare(ctx, i, d)
	if request == nil {
		return end
	}
	printed := end.console
	d.Progress.Step = integrations.StepCalling
	d.Progress.Call = callData(request.Body)
	w.complete(request, *d)
	response, err := w.send(ctx, i, *request)
	d.Progress.Step = integrations.StepCalled
	if err != nil {
		d.Progress.HTTPError = err.Error()
		call := callOf(nil, err)
		end := w.failed(ctx, i, d, call)
		end.outcome, end.request, end.console = w.outcomeOf(i, call), request, printed
		return end
	}
	d.Progress.Status = response.Status
	d.Progress.HTTPResult = quoted(string(response.Body[:min(len(response.Body), resultKept)]))
	end = w.answered(ctx, i, d, *request, response)
	end.status, end.outcome = response.Status, w.outcomeOf(i, callOf(&response, nil))
	end.request, end.response = request, &response
	end.console = append(printed, end.console...)
	return end
}

// policy answers by which rules an integration's calls are judged.
func (w *Worker) policy(i integrations.Integration) integrations.Policy {
	return cmp.Or(w.Service.Index.Options(i.ID).Policy, w.Policy)
}

// outcomeOf answers what a call tells of its receiver.
func (w *Worker) outcomeOf(i integrations.Integration, call integrations.Call) outcome {
	policy := w.policy(i)
	o := outcome{called: !call.Refused, refused: call.Refused, failed: policy.Judge(call) != integrations.Success, down: call.Down()}
	if asked := policy.Pause(call); asked > 0 {
		o.shut = now().Add(asked)
	}
	return o
}

// prepare answers the call to make, or how the delivery ends without one, and what the script printed.
func (w *Worker) prepare(ctx context.Context, i integrations.Integration, d *integrations.Delivery) (*integrations.Request, ending) {
	p, err := w.Service.Prepare(ctx, i, *d)
	request, end := w.prepared(ctx, i, d, p, err)
	end.console = p.Console
	return request, end
}

func (w *Worker) prepared(ctx context.Context, i integrations.Integration, d *integrations.Delivery, p integrations.Prepared, err error) (*integrations.Request, ending) {
	d.Progress.RanPrepareScript = p.Ran
	if _, ok := errors.AsType[*integrations.ScriptError](err); ok {
		return nil, w.giveUp(d, integrations.StepPrepareFailed, err)
	}
	if err != nil {
		return nil, putOff(err)
	}
	d.Progress.Step = integrations.StepPrepared
	if p.Nothing {
		return nil, w.done(d, integrations.StepNoRequest)
	}
	if p.Message != nil {
		sent, err := w.Service.Reply(ctx, i, *d, p.Message)
		if err != nil {
			return nil, w.notPosted(d, integrations.StepPrepareSendFailed, err)
		}
		d.Progress.Step = integrations.StepPrepareSent
		d.Progress.PrepareSent = sent
	}
	if p.Request == nil {
		return nil, w.done(d, integrations.StepNoURL)
	}
	return p.Request, ending{}
}

// answered goes on once the receiver answered.
func (w *Worker) answered(ctx context.Context, i integrations.Integration, d *integrations.Delivery, req integrations.Request, resp integrations.Response) ending {
	processed, err := w.process(ctx, i, req, resp)
	end := w.processed(ctx, i, d, resp, processed, err)
	end.console = processed.Console
	return end
}

func (w *Worker) processed(ctx context.Context, i integrations.Integration, d *integrations.Delivery, resp integrations.Response, processed integrations.Processed, err error) ending {
	switch {
	case err != nil:
		return w.giveUp(d, integrations.StepProcessFailed, err)
	case processed.Stop:
		return w.done(d, integrations.StepStopped)
	case processed.Message != nil:
		sent, err := w.Service.Reply(ctx, i, *d, processed.Message)
		if err != nil {
			return w.notPosted(d, integrations.StepProcessSendFailed, err)
		}
		d.Progress.ProcessSent = sent
		return w.done(d, integrations.StepProcessSent)
	}
	call := callOf(&resp, nil)
	if w.policy(i).Judge(call) != integrations.Success {
		return w.failed(ctx, i, d, call)
	}
	message, ok := resp.Message()
	if !ok {
		return w.done(d, integrations.StepCalled)
	}
	sent, err := w.Service.Reply(ctx, i, *d, message)
	if err != nil {
		return w.notPosted(d, integrations.StepReplyFailed, err)
	}
	d.Progress.Result = sent
	return w.done(d, integrations.StepReplied)
}

// process lets the script see the answer. The call is made and cannot be put off, so a script that
// does not get its turn is asked for again.
func (w *Worker) process(ctx context.Context, i integrations.Integration, req integrations.Request, resp integrations.Response) (integrations.Processed, error) {
	for {
		p, err := w.Service.Process(ctx, i, req, resp)
		if !errors.Is(err, integrations.ErrScriptsBusy) || ctx.Err() != nil {
			return p, err
		}
		wait(ctx, nil, rest)
	}
}

// failed decides what follows a call that did not succeed.
func (w *Worker) failed(ctx context.Context, i integrations.Integration, d *integrations.Delivery, call integrations.Call) ending {
	if call.Status != 0 {
		d.Progress.Error = fmt.Sprintf("the receiver answered %d %s", call.Status, http.StatusText(call.Status))
	}
	switch w.policy(i).Judge(call) {
	case integrations.Gone:
		if err := w.Service.Disable(ctx, i.ID); err != nil {
			w.Logger.ErrorContext(ctx, "integration was not disabled", "integration_id", i.ID, "error", err)
		} else {
			w.Logger.WarnContext(ctx, "integration disabled, as its receiver wants no more calls", "integration_id", i.ID)
		}
		return w.giveUp(d, integrations.StepGone, nil)
	case integrations.Final:
		return w.giveUp(d, finalStep(call), nil)
	default:
	}
	policy := w.policy(i)
	again, after, step := policy.Next(i, integrations.Failure{
		Attempts: d.Progress.Attempts, RetryAfter: policy.Pause(call), Jitter: jitter(), Rule: w.Service.Index.Options(i.ID).Retry,
	})
	if !again {
		return w.giveUp(d, step, nil)
	}
	d.Progress.Step = step
	at := now()
	return ending{state: integrations.Waiting, at: at, due: at.Add(after)}
}

// finalStep is where a delivery ends whose call is not to be made again.
func finalStep(call integrations.Call) integrations.Step {
	switch {
	case call.Status == http.StatusInternalServerError:
		return integrations.StepServerError
	case call.Status == 0 && !call.Refused:
		return integrations.StepCalled
	default:
		return integrations.StepNoRetry
	}
}

// notPosted decides what follows a reply that was not stored: on a full disk, or where the database
// cannot be reached, the delivery is made again later, a refusal by a rule ends it.
func (w *Worker) notPosted(d *integrations.Delivery, step integrations.Step, cause error) ending {
	if errors.Is(cause, workspace.ErrFull) || errors.Is(cause, workspace.ErrUnavailable) {
		return putOff(cause)
	}
	return w.giveUp(d, step, cause)
}

// putOff keeps a delivery that failed for a reason of the server's own, such as when it stops or
// when its scripts are behind. Where the script is not run for a while, that is waited for. It does
// not count as an attempt.
func putOff(cause error) ending {
	at := now()
	due := at.Add(putOffWait)
	if throttled, ok := errors.AsType[*integrations.ScriptThrottledError](cause); ok {
		due = throttled.Until
	}
	return ending{state: integrations.Waiting, at: at, due: due, putOff: cause}
}

// done ends a delivery well.
func (w *Worker) done(d *integrations.Delivery, step integrations.Step) ending {
	d.Progress.Step, d.Progress.Finished = step, true
	return ending{state: integrations.Done, at: now()}
}

// giveUp ends a delivery that is not to be tried again.
func (w *Worker) giveUp(d *integrations.Delivery, step integrations.Step, cause error) ending {
	d.Progress.Step, d.Progress.Finished = step, true
	if cause != nil {
		d.Progress.Error = cause.Error()
	}
	if fault, ok := errors.AsType[*integrations.ScriptError](cause); ok {
		d.Progress.Error, d.Progress.ErrorStack = fault.Error(), fault.Stack
	}
	return ending{state: integrations.Dead, at: now()}
}

// complete gives a request all the headers that it goes out with.
func (w *Worker) complete(r *integrations.Request, d integrations.Delivery) {
	header := make(map[string]string, len(r.Header)+4)
	for name, value := range r.Header {
		header[http.CanonicalHeaderKey(name)] = value
	}
	if user, password, ok := strings.Cut(r.Auth, ":"); ok {
		header["Authorization"] = basic(user, password)
	}
	w.sign(header, d, r.Body)
	r.Header = header
}

// sign lets the receiver tell that the call is ours, and that it is the same delivery as before. What
// a script wrote there does not count.
func (w *Worker) sign(header map[string]string, d integrations.Delivery, body []byte) {
	at := time.Now()
	header["Webhook-Id"] = d.ID
	header["Webhook-Timestamp"] = strconv.FormatInt(at.Unix(), 10)
	delete(header, "Webhook-Signature")
	if signature := w.Service.Sign(d, at, body); signature != "" {
		header["Webhook-Signature"] = signature
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func (w *Worker) send(ctx context.Context, i integrations.Integration, req integrations.Request) (integrations.Response, error) {
	header := make(http.Header, len(req.Header))
	var secrets []string
	for name, value := range req.Header {
		header.Set(name, value)
		if !follows(name) {
			secrets = append(secrets, name)
		}
	}
	trust := w.Service.Index.Options(i.ID).TLS
	resp, err := w.Sender.Do(ctx, outbound.Request{
		Method: req.Method, URL: req.URL, Header: header, Body: req.Body, Timeout: req.Timeout,
		InsecureTLS: trust.Insecure || w.InsecureTLS != nil && w.InsecureTLS(), Authorities: trust.CA,
		SecretHeaders: secrets, WithoutSecrets: withoutToken(i),
	})
	if err != nil {
		return integrations.Response{}, err
	}
	names := make(map[string]string, len(resp.Header))
	for name, values := range maps.All(resp.Header) {
		names[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return integrations.Response{Status: resp.Status, Header: names, Body: resp.Body}, nil
}

// follows reports whether a header may go along with a redirect to another host. What a script adds
// may be a key.
func follows(name string) bool {
	switch name {
	case "User-Agent", "Accept", "Webhook-Id", "Webhook-Timestamp":
		return true
	default:
		return strings.HasPrefix(name, "Content-")
	}
}

// callOf describes a call to the policy.
func callOf(resp *integrations.Response, err error) integrations.Call {
	if err != nil {
		return integrations.Call{Refused: refused(err)}
	}
	return integrations.Call{Status: resp.Status, Content: len(resp.Body) > 0, RetryAfter: retryAfter(resp.Header["retry-after"])}
}

// refused reports whether a call was not made and would not be the next time: its address is not
// permitted, or what a script made of it cannot be sent.
func refused(err error) bool {
	if _, ok := errors.AsType[*outbound.RefusedError](err); ok {
		return true
	}
	return errors.Is(err, outbound.ErrInvalidURL) || errors.Is(err, outbound.ErrInvalidMethod) || errors.Is(err, outbound.ErrInvalidHeader)
}

// retryAfter reads the header in both of its forms, up to an hour.
func retryAfter(value string) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, 3600)) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return max(0, min(wait, time.Hour))
}

// callData is the body as history shows it: JSON as it is, other text, and JSON that is nested too
// deep to be shown among others, as a string.
func callData(body []byte) jsontext.Value {
	if len(body) == 0 {
		return nil
	}
	if _, err := schema.Decode(body); err == nil {
		return body
	}
	return jsontext.Value(quoted(string(body)))
}

func quoted(text string) string {
	out, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "\uFFFD"))
	return string(out)
}
