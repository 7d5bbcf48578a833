package integrations_test

import (
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestBucket(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(ms)) }
	type take struct {
		ms   int // when
		wait time.Duration
	}
	const passes = time.Duration(0)
	for _, tt := range []struct {
		name  string
		rate  integrations.Rate
		takes []take
	}{
		{"no rate", integrations.Rate{}, []take{{0, passes}, {0, passes}, {0, passes}}},
		{"a burst, then the rate", integrations.Rate{PerSecond: 2, Burst: 3}, []take{
			{0, passes},
			{0, passes},
			{0, passes},
			{0, 500 * time.Millisecond},
			{250, 250 * time.Millisecond},
			{500, passes},
			{500, 500 * time.Millisecond},
			{1000, passes},
		}},
		{"a burst of none is one", integrations.Rate{PerSecond: 1}, []take{{0, passes}, {999, time.Millisecond}, {1000, passes}}},
		{"no more than the burst after a pause", integrations.Rate{PerSecond: 10, Burst: 2}, []take{
			{0, passes}, {60_000, passes}, {60_000, passes}, {60_000, 100 * time.Millisecond},
		}},
		{"less than one in a second", integrations.Rate{PerSecond: 0.1, Burst: 1}, []take{
			{0, passes}, {0, 10 * time.Second}, {9_000, time.Second}, {10_000, passes}, {20_000, passes}, {30_000, passes}, {39_000, time.Second},
		}},
		{"time that goes backwards", integrations.Rate{PerSecond: 1, Burst: 1}, []take{{10_000, passes}, {0, time.Second}, {11_000, passes}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b integrations.Bucket
			for n, take := range tt.takes {
				wait, ok := b.Take(tt.rate, at(take.ms))
				if wait.Round(time.Microsecond) != take.wait || ok != (take.wait == passes) {
					t.Errorf("take %d, at %d ms: %v, %v; want %v", n, take.ms, wait, ok, take.wait)
				}
			}
		})
	}
}
