package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

// TestRetryTimes holds when a failed call is made again, and when no more.
func TestRetryTimes(t *testing.T) {
	t.Parallel()
	const s, m = time.Second, time.Minute
	busy := response(503, `{"text":"busy"}`)
	tests := []struct {
		name   string
		policy integrations.Policy
		change func(*integrations.Integration)
		answer *outbound.Response
		waits  []time.Duration // between the calls
		early  float64         // how much earlier a retry may come, of the wait
		step   integrations.Step
	}{
		{name: "powers of ten", change: retrying("powers-of-ten", 5), waits: []time.Duration{s / 10, s, 10 * s, 100 * s, 1000 * s}, step: integrations.StepTooManyRetries},
		{name: "powers of two", change: retrying("powers-of-two", 4), waits: []time.Duration{2 * s, 4 * s, 8 * s, 16 * s}, step: integrations.StepTooManyRetries},
		{name: "increments of two", change: retrying("increments-of-two", 3), waits: []time.Duration{2 * s, 4 * s, 6 * s}, step: integrations.StepTooManyRetries},
		{name: "a delay that is none", change: retrying("later", 3), step: integrations.StepInvalidDelay},
		{name: "no retries wanted", change: func(*integrations.Integration) {}, step: integrations.StepNoRetry},
		{name: "no retries left", change: retrying("powers-of-ten", 0), step: integrations.StepTooManyRetries},
		{
			name: "the receiver says when, which upstream does not hear", change: retrying("powers-of-ten", 1), answer: response(503, `{}`, "Retry-After", "7"),
			waits: []time.Duration{s / 10}, step: integrations.StepTooManyRetries,
		},
		{
			name: "the receiver says when", policy: integrations.PolicyGrapnel, change: retrying("powers-of-ten", 2),
			answer: response(503, `{}`, "Retry-After", "7"), waits: []time.Duration{7 * s, 7 * s}, step: integrations.StepTooManyRetries,
		},
		{
			name: "the receiver names a time", policy: integrations.PolicyGrapnel, change: retrying("powers-of-ten", 1),
			answer: response(503, `{}`, "Retry-After", time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC).Format(http.TimeFormat)), // bubbles begin with 2000
			waits:  []time.Duration{30 * m}, step: integrations.StepTooManyRetries,
		},
		{
			name: "the receiver wants too long", policy: integrations.PolicyGrapnel, change: retrying("powers-of-ten", 1),
			answer: response(503, `{}`, "Retry-After", "99999999"), waits: []time.Duration{time.Hour}, step: integrations.StepTooManyRetries,
		},
		{
			name: "the receiver says sooner", policy: integrations.PolicyGrapnel, change: retrying("powers-of-two", 1),
			answer: response(503, `{}`, "Retry-After", "1"), waits: []time.Duration{2 * s}, step: integrations.StepTooManyRetries,
		},
		{
			name: "the receiver says nonsense", policy: integrations.PolicyGrapnel, change: retrying("powers-of-ten", 1),
			answer: response(503, `{}`, "Retry-After", "-5"), waits: []time.Duration{s / 10}, step: integrations.StepTooManyRetries,
		},
		{
			name: "our own policy", policy: integrations.PolicyGrapnel, change: func(*integrations.Integration) {},
			waits: []time.Duration{5 * s, 30 * s, 3 * m, 12 * m, 45 * m}, early: 0.2, step: integrations.StepTooManyRetries,
		},
		{
			name: "our own policy, where the integration decides", policy: integrations.PolicyGrapnel, change: retrying("increments-of-two", 1),
			waits: []time.Duration{2 * s}, step: integrations.StepTooManyRetries,
		},
		{
			name: "our own policy, a mistake of ours", policy: integrations.PolicyGrapnel, change: func(*integrations.Integration) {},
			answer: response(400, `{}`), step: integrations.StepNoRetry,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				if tt.answer == nil {
					tt.answer = busy
				}
				i, r := s.listener(tt.change), answering(tt.answer)
				s.start(r, func(c *delivery.Config) {
					if tt.policy != "" {
						c.Policy = tt.policy
					}
				})
				s.say("x")
				pass(24 * time.Hour)
				calls := r.called()
				if len(calls) != len(tt.waits)+1 {
					t.Fatalf("%d calls, want %d", len(calls), len(tt.waits)+1)
				}
				for n, want := range tt.waits {
					least := want - time.Duration(tt.early*float64(want)) - time.Millisecond
					if got := calls[n+1].at.Sub(calls[n].at); got < least || got > want+2*time.Millisecond {
						t.Errorf("retry %d came after %v, want %v", n+1, got, want)
					}
				}
				d, state := s.delivery(i)
				if state != integrations.Dead || d.Progress.Step != tt.step || d.Progress.Attempts != len(calls) || !d.Progress.Finished {
					t.Errorf("delivery is %s at %s after %d attempts, want dead at %s", state, d.Progress.Step, d.Progress.Attempts, tt.step)
				}
				var steps []string
				for n, a := range s.made() {
					if a.Number != n+1 || a.Status != tt.answer.Status {
						t.Errorf("attempt %d is told as %+v", n+1, a)
					}
					steps = append(steps, string(a.Step))
				}
				var want []string
				for n := range tt.waits {
					want = append(want, fmt.Sprintf("going-to-retry-%d", n+1))
				}
				if want = append(want, string(tt.step)); !slices.Equal(steps, want) {
					t.Errorf("steps %v, want %v", steps, want)
				}
			})
		})
	}
}

// TestFailedCalls holds what a delivery says of a call without an answer.
func TestFailedCalls(t *testing.T) {
	t.Parallel()
	const upstream, ours = integrations.PolicyRocketChat, integrations.PolicyGrapnel
	refused := &outbound.RefusedError{Host: "10.0.0.1", Address: "10.0.0.1", Rule: "private"}
	tests := []struct {
		name   string
		policy integrations.Policy
		err    error
		calls  int
		step   integrations.Step
	}{
		{"refused address", ours, refused, 1, integrations.StepNoRetry},
		{"refused address, as upstream", upstream, refused, 1, integrations.StepNoRetry},
		{"refused address, deep inside", ours, fmt.Errorf("redirected: %w", refused), 1, integrations.StepNoRetry},
		{"no URL", ours, outbound.ErrInvalidURL, 1, integrations.StepNoRetry},
		{"no method", ours, outbound.ErrInvalidMethod, 1, integrations.StepNoRetry},
		{"no header", ours, outbound.ErrInvalidHeader, 1, integrations.StepNoRetry},
		{"redirects without end", ours, outbound.ErrTooManyRedirects, 2, integrations.StepTooManyRetries},
		{"time-out", ours, &outbound.TimeoutError{Limit: time.Second}, 2, integrations.StepTooManyRetries},
		{"answer too large", ours, &outbound.TooLargeError{Part: "body", Limit: 10}, 2, integrations.StepTooManyRetries},
		{"no connection", ours, errors.New("connection refused"), 2, integrations.StepTooManyRetries},
		{"no connection, as upstream", upstream, errors.New("connection refused"), 1, integrations.StepCalled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener(retrying("powers-of-ten", 1))
				r := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) { return nil, tt.err }}
				s.start(r, func(c *delivery.Config) { c.Policy = tt.policy })
				s.say("x")
				pass(time.Minute)
				d, state := s.delivery(i)
				if got := len(r.called()); got != tt.calls {
					t.Errorf("%d calls, want %d", got, tt.calls)
				}
				if state != integrations.Dead || d.Progress.Step != tt.step || d.Progress.HTTPError != tt.err.Error() || d.Progress.HTTPResult != "" {
					t.Errorf("delivery is %s: %+v, want dead at %s with the error", state, d.Progress, tt.step)
				}
				for _, a := range s.made() {
					if a.Status != 0 {
						t.Errorf("attempt without an answer has status %d", a.Status)
					}
				}
				if lines := s.log.lines(t, "delivery attempted"); len(lines) != tt.calls || lines[0]["cause"] != tt.err.Error() {
					t.Errorf("logged %v, want the cause of each", lines)
				}
			})
		})
	}
}

// TestAttempted holds what is told of an attempt.
func TestAttempted(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		r := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) {
			<-time.After(250 * time.Millisecond)
			return response(201, `{"text":"reply"}`), nil
		}}
		s.start(r)
		s.say("x")
		pass(time.Second)
		d, _ := s.delivery(i)
		want := []delivery.Attempt{{
			DeliveryID: d.ID, IntegrationID: i.ID, Number: 1, Status: 201, Step: integrations.StepReplied, State: integrations.Done,
			Duration: 250 * time.Millisecond,
		}}
		if diff := cmp.Diff(want, s.made()); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		line := s.log.lines(t, "delivery attempted")[0]
		delete(line, "time")
		wantLine := map[string]any{
			"level": "INFO", "msg": "delivery attempted", "delivery_id": d.ID, "integration_id": i.ID, "attempt": 1.0, "status": 201.0,
			"step": "url-response-sent-message", "state": "done", "duration_ms": 250.0,
		}
		if diff := cmp.Diff(wantLine, line); diff != "" {
			t.Errorf("log line (-want +got):\n%s", diff)
		}
		if got := s.texts(); !slices.Equal(got, []string{"reply", "x"}) {
			t.Errorf("messages %q, want the reply", got)
		}
	})
}

// TestRequest holds what is sent of the request that a script makes.
func TestRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, prepared string
		want           outbound.Request
	}{
		{
			"everything", `{"url":"http://other.example/x?y=1","method":"put","headers":{"X-One":"1","x-two":2},"auth":"user:pass:word","timeout":1500,"data":{"a":[1]}}`,
			outbound.Request{
				URL: "http://other.example/x?y=1", Method: "put", Timeout: 1500 * time.Millisecond, Body: []byte(`{"a":[1]}`),
				Header: http.Header{"X-One": {"1"}, "X-Two": {"2"}, "Content-Type": {"application/json"}, "Authorization": {"Basic dXNlcjpwYXNzOndvcmQ="}},

				SecretHeaders: []string{"Authorization", "X-One", "X-Two"}, // what a script adds may be a key
			},
		},
		{
			"least", `{"url":"http://other.example/","method":"GET"}`,
			outbound.Request{URL: "http://other.example/", Method: "GET", Header: http.Header{}},
		},
		{
			"a content type of its own", `{"url":"http://other.example/","method":"POST","headers":{"content-type":"text/x"},"data":[1]}`,
			outbound.Request{URL: "http://other.example/", Method: "POST", Header: http.Header{"Content-Type": {"text/x"}}, Body: []byte(`[1]`)},
		},
		{
			"a text", `{"url":"http://other.example/","method":"POST","data":"a \"b\" ü"}`,
			outbound.Request{URL: "http://other.example/", Method: "POST", Header: http.Header{}, Body: []byte(`a "b" ü`)},
		},
		{
			"nonsense", `{"url":"http://other.example/","method":"POST","headers":5,"auth":7,"timeout":"x","data":null}`,
			outbound.Request{URL: "http://other.example/", Method: "POST", Header: http.Header{}},
		},
		{
			"auth without a password", `{"url":"http://other.example/","method":"POST","auth":"user"}`,
			outbound.Request{URL: "http://other.example/", Method: "POST", Header: http.Header{}},
		},
	}
	for _, tt := range tests {
		for _, insecure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, insecure %t", tt.name, insecure), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T, s *server) {
					s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
						if c.Method == integrations.PrepareOutgoingRequest {
							return integrations.ScriptResult{Value: []byte(tt.prepared)}, nil
						}
						return integrations.ScriptResult{Missing: true}, nil
					})
					i, r := s.listener(scripted), answering(response(200, `{}`))
					s.start(r, func(c *delivery.Config) { c.InsecureTLS = func() bool { return insecure } })
					s.say("x")
					calls := r.called()
					if len(calls) != 1 {
						t.Fatalf("%d calls, want 1", len(calls))
					}
					want := tt.want
					for _, name := range []string{"Webhook-Id", "Webhook-Timestamp"} { // TestSignature looks at them
						calls[0].Header.Del(name)
					}
					slices.Sort(calls[0].SecretHeaders)
					want.InsecureTLS = insecure
					if diff := cmp.Diff(want, calls[0].Request); diff != "" {
						t.Errorf("request (-want +got):\n%s", diff)
					}
					if d, _ := s.delivery(i); !d.Progress.RanPrepareScript || d.Progress.Step != integrations.StepCalled {
						t.Errorf("progress %+v", d.Progress)
					}
				})
			})
		}
	}
}

// TestScriptsBehind holds that a delivery whose script could not run for reasons of the server's is
// put off, and that this is no attempt.
func TestScriptsBehind(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		runs := 0
		s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
			if c.Method != integrations.PrepareOutgoingRequest {
				return integrations.ScriptResult{Missing: true}, nil
			}
			if runs++; runs <= 2 {
				return integrations.ScriptResult{}, errors.New("script workers are closed")
			}
			return integrations.ScriptResult{Value: []byte(`{"url":"http://other.example/","method":"POST"}`)}, nil
		})
		i, r := s.listener(scripted), answering(response(200, `{}`))
		started := time.Now()
		s.start(r)
		s.say("x")
		quiet()
		if d, state := s.delivery(i); state != integrations.Waiting || d.Progress.Finished || d.Progress.Attempts != 0 {
			t.Errorf("delivery is %s after %d attempts, want it waiting after none", state, d.Progress.Attempts)
		}
		pass(time.Minute)
		calls := r.called()
		if len(calls) != 1 || calls[0].at.Sub(started).Round(100*time.Millisecond) != 10*time.Second {
			t.Fatalf("calls %v, want one after 10 s", calls)
		}
		if d, state := s.delivery(i); state != integrations.Done || d.Progress.Attempts != 1 {
			t.Errorf("delivery is %s after %d attempts, want done after 1", state, d.Progress.Attempts)
		}
		if got := s.log.lines(t, "delivery put off"); len(got) != 2 {
			t.Errorf("logged %v, want two lines", got)
		}
	})
}

// TestThrottledScript holds that a delivery waits until its script is run again, and that this is no
// attempt.
func TestThrottledScript(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		started := time.Now()
		until := started.Add(90 * time.Second)
		s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
			switch {
			case c.Method != integrations.PrepareOutgoingRequest:
				return integrations.ScriptResult{Missing: true}, nil
			case time.Now().Before(until):
				return integrations.ScriptResult{}, &integrations.ScriptThrottledError{Until: until, Cause: "stopped"}
			}
			return integrations.ScriptResult{Value: []byte(`{"url":"http://other.example/","method":"POST"}`)}, nil
		})
		i, r := s.listener(scripted), answering(response(200, `{}`))
		s.start(r)
		s.say("x")
		quiet()
		if d, state := s.delivery(i); state != integrations.Waiting || d.Progress.Finished || d.Progress.Attempts != 0 {
			t.Errorf("delivery is %s after %d attempts, want it waiting after none", state, d.Progress.Attempts)
		}
		pass(3 * time.Minute)
		calls := r.called()
		if len(calls) != 1 || calls[0].at.Sub(started).Round(100*time.Millisecond) != 90*time.Second {
			t.Fatalf("calls %v, want one after 90 s", calls)
		}
		if d, state := s.delivery(i); state != integrations.Done || d.Progress.Attempts != 1 {
			t.Errorf("delivery is %s after %d attempts, want done after 1", state, d.Progress.Attempts)
		}
		if got := s.log.lines(t, "delivery put off"); len(got) != 1 {
			t.Errorf("logged %v, want one line", got)
		}
	})
}

// TestScriptWaitCutOff stops the server while a delivery waits for its script's turn: it is put off
// once, and counts as not attempted.
func TestScriptWaitCutOff(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.service.Scripts = waiting{}
		i, r := s.listener(scripted), answering(response(200, `{}`))
		stop := s.start(r)
		s.say("x")
		quiet()
		stop()
		if d, state := s.delivery(i); state != integrations.Waiting || d.Progress.Attempts != 0 || len(r.called()) != 0 {
			t.Errorf("delivery is %s after %d attempts and %d calls, want it waiting after none", state, d.Progress.Attempts, len(r.called()))
		}
		if got := s.log.lines(t, "delivery put off"); len(got) != 1 {
			t.Errorf("logged %v, want one line", got)
		}
	})
}

// waiting are scripts that never get their turn.
type waiting struct{}

func (waiting) Compile(context.Context, integrations.ScriptSource) (string, error) { return "", nil }

func (waiting) Throttled(string) *integrations.ScriptThrottledError { return nil }

func (waiting) Run(ctx context.Context, _ integrations.ScriptCall) (integrations.ScriptResult, error) {
	<-ctx.Done()
	return integrations.ScriptResult{}, ctx.Err()
}

// TestBusyAfterTheCall holds that a script which does not get its turn for an answer is asked for
// again, and that the receiver is not called twice for it.
func TestBusyAfterTheCall(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		runs := 0
		s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
			if c.Method != integrations.ProcessOutgoingResponse {
				return integrations.ScriptResult{Missing: true}, nil
			}
			if runs++; runs <= 3 {
				return integrations.ScriptResult{}, integrations.ErrScriptsBusy
			}
			return integrations.ScriptResult{Value: []byte(`{"content":{"text":"seen"}}`)}, nil
		})
		i, r := s.listener(scripted), answering(response(200, `{}`))
		s.start(r)
		s.say("x")
		pass(time.Minute)
		d, state := s.delivery(i)
		if state != integrations.Done || d.Progress.Step != integrations.StepProcessSent || len(r.called()) != 1 {
			t.Errorf("delivery is %s at %s after %d calls, want done at %s after 1", state, d.Progress.Step, len(r.called()), integrations.StepProcessSent)
		}
	})
}

// TestGone holds that a receiver which wants no more calls gets none.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, policy := range []integrations.Policy{integrations.PolicyRocketChat, integrations.PolicyGrapnel} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i, r := s.listener(retrying("powers-of-ten", 4)), answering(response(410, `gone`))
				s.start(r, func(c *delivery.Config) { c.Policy = policy })
				s.say("x")
				pass(time.Second)
				if d, state := s.delivery(i); state != integrations.Dead || d.Progress.Step != integrations.StepGone {
					t.Errorf("delivery is %s at %s, want dead at %s", state, d.Progress.Step, integrations.StepGone)
				}
				stored, err := s.store.Integration(t.Context(), i.ID)
				if err != nil || stored.Enabled || !stored.UpdatedAt.After(i.UpdatedAt.Add(-time.Millisecond)) {
					t.Errorf("stored integration: enabled = %t, %v, want it turned off", stored.Enabled, err)
				}
				s.say("y")
				pass(time.Hour)
				if got := len(r.called()); got != 1 {
					t.Errorf("%d calls, want 1", got)
				}
			})
		})
	}
}

// TestLongAnswer holds that an answer which is no text does no harm to history.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		answer := &outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"image/png"}}, Body: []byte("\x89PNG\xff" + strings.Repeat("x", 1<<20))}
		s.start(answering(answer))
		s.say("x")
		quiet()
		d, state := s.delivery(i)
		if state != integrations.Done || !strings.HasPrefix(d.Progress.HTTPResult, `"`+"\uFFFDPNG\uFFFD") {
			t.Errorf("delivery is %s, its result %.20q", state, d.Progress.HTTPResult)
		}
	})
}
