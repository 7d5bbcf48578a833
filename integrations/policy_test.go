package integrations_test

import (
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestPolicyJudge(t *testing.T) {
	const upstream, ours = integrations.PolicyRocketChat, integrations.PolicyGrapnel
	const success, retry, final, gone = integrations.Success, integrations.Retryable, integrations.Final, integrations.Gone
	tests := []struct {
		policy integrations.Policy
		call   integrations.Call
		want   integrations.Verdict
	}{
		{upstream, integrations.Call{Status: 200, Content: true}, success},
		{upstream, integrations.Call{Status: 201, Content: true}, success},
		{upstream, integrations.Call{Status: 202, Content: true}, success},
		{upstream, integrations.Call{Status: 200}, retry},
		{upstream, integrations.Call{Status: 204, Content: true}, retry},
		{upstream, integrations.Call{Status: 404, Content: true}, retry},
		{upstream, integrations.Call{Status: 410, Content: true}, gone},
		{upstream, integrations.Call{Status: 410}, retry},
		{upstream, integrations.Call{Status: 500, Content: true}, final},
		{upstream, integrations.Call{Status: 500}, retry},
		{upstream, integrations.Call{Status: 503, Content: true}, retry},
		{upstream, integrations.Call{}, final},
		{upstream, integrations.Call{Refused: true}, final},
		{ours, integrations.Call{Status: 200}, success},
		{ours, integrations.Call{Status: 204}, success},
		{ours, integrations.Call{Status: 410}, gone},
		{ours, integrations.Call{Status: 404, Content: true}, final},
		{ours, integrations.Call{Status: 408}, retry},
		{ours, integrations.Call{Status: 409}, retry},
		{ours, integrations.Call{Status: 425}, retry},
		{ours, integrations.Call{Status: 429}, retry},
		{ours, integrations.Call{Status: 500, Content: true}, retry},
		{ours, integrations.Call{Status: 302}, final},
		{ours, integrations.Call{}, retry},
	}
	for _, tt := range tests {
		if got := tt.policy.Judge(tt.call); got != tt.want {
			t.Errorf("%s.Judge(%+v) = %s, want %s", tt.policy, tt.call, got, tt.want)
		}
	}
}

func TestPolicyNextAsUpstream(t *testing.T) {
	retrying := func(delay string, count int) integrations.Integration {
		return integrations.Integration{RetryFailedCalls: new(true), RetryDelay: &delay, RetryCount: &count}
	}
	tests := []struct {
		name     string
		i        integrations.Integration
		attempts int
		wait     time.Duration
		step     integrations.Step
	}{
		{"not configured", integrations.Integration{}, 1, 0, integrations.StepNoRetry},
		{"switched off", integrations.Integration{RetryFailedCalls: new(false), RetryCount: new(9)}, 1, 0, integrations.StepNoRetry},
		{"first power of ten", retrying("powers-of-ten", 4), 1, 100 * time.Millisecond, "going-to-retry-1"},
		{"second power of ten", retrying("powers-of-ten", 4), 2, time.Second, "going-to-retry-2"},
		{"last power of ten", retrying("powers-of-ten", 4), 4, 100 * time.Second, "going-to-retry-4"},
		{"too many", retrying("powers-of-ten", 4), 5, 0, integrations.StepTooManyRetries},
		{"no retries", retrying("powers-of-ten", 0), 1, 0, integrations.StepTooManyRetries},
		{"powers of two", retrying("powers-of-two", 9), 3, 8 * time.Second, "going-to-retry-3"},
		{"increments of two", retrying("increments-of-two", 9), 3, 6 * time.Second, "going-to-retry-3"},
		{"unknown delay", retrying("soon", 4), 1, 0, integrations.StepInvalidDelay},
		{"longer than a clock counts", retrying("powers-of-ten", 1000), 400, 30 * 24 * time.Hour, "going-to-retry-400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			again, wait, step := integrations.PolicyRocketChat.Next(tt.i, integrations.Failure{Attempts: tt.attempts, RetryAfter: time.Hour})
			if again != (tt.wait > 0) || wait != tt.wait || step != tt.step {
				t.Errorf("Next = %v, %v, %s; want wait %v, step %s", again, wait, step, tt.wait, tt.step)
			}
		})
	}
}

func TestPolicyGrapnelIsPatient(t *testing.T) {
	total := time.Duration(0)
	attempts := 1
	for ; ; attempts++ {
		again, wait, _ := integrations.PolicyGrapnel.Next(integrations.Integration{}, integrations.Failure{Attempts: attempts})
		if !again {
			break
		}
		if _, shorter, _ := integrations.PolicyGrapnel.Next(integrations.Integration{}, integrations.Failure{Attempts: attempts, Jitter: 0.99}); shorter >= wait || shorter < wait*3/4 {
			t.Errorf("jitter makes of %v %v", wait, shorter)
		}
		total += wait
	}
	if attempts != 6 || total < 50*time.Minute || total > 70*time.Minute {
		t.Errorf("%d attempts over %v, want 6 over about an hour", attempts, total)
	}
	if again, _, _ := integrations.PolicyGrapnel.Next(integrations.Integration{RetryFailedCalls: new(false)}, integrations.Failure{Attempts: 1}); again {
		t.Error("an integration that wants no retries gets one")
	}
	busy := integrations.Failure{Attempts: 1, RetryAfter: time.Minute}
	if _, wait, _ := integrations.PolicyGrapnel.Next(integrations.Integration{}, busy); wait != time.Minute {
		t.Errorf("a receiver that asks for a minute is called after %v", wait)
	}
	if again, _, _ := integrations.PolicyGrapnel.Next(integrations.Integration{}, integrations.Failure{}); !again {
		t.Error("a delivery without an attempt is given up")
	}
}
