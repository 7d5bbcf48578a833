package beside

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Steadiness is a rate that does not wait for answers: a request that is sent late, because the
// ones before it were slow, counts its time from when it was due.
type Steadiness struct {
	PerSecond   float64
	Connections int
}

// Failure is an answer other than 200, or none.
type Failure struct {
	At  time.Duration // since the first request
	Err error
}

// Steady sends to the targets in turn until ctx ends, and goes on after failures.
func Steady(ctx context.Context, targets []Target, s Steadiness) (Sample, []Failure) {
	due := make(chan call, 10_000)
	begin := time.Now()
	callers := make([]caller, s.Connections)
	var calling sync.WaitGroup
	for i := range callers {
		// What was due before the end of ctx is carried out.
		calling.Go(func() { callers[i].take(context.WithoutCancel(ctx), due, begin) })
	}
	schedule(ctx, due, begin, targets, s)
	close(due)
	calling.Wait()
	sample := Sample{Elapsed: time.Since(begin)}
	var failures []Failure
	for _, c := range callers {
		sample.Times = append(sample.Times, c.times...)
		failures = append(failures, c.failures...)
	}
	sample.Requests = len(sample.Times)
	slices.Sort(sample.Times)
	return sample, failures
}

// call is one that is due.
type call struct {
	at     time.Time
	target Target
}

func schedule(ctx context.Context, due chan<- call, begin time.Time, targets []Target, s Steadiness) {
	step := time.Duration(float64(time.Second) / s.PerSecond)
	next := time.NewTimer(0)
	defer next.Stop()
	for n := 0; ; n++ {
		at := begin.Add(time.Duration(n) * step)
		next.Reset(time.Until(at))
		select {
		case <-next.C:
		case <-ctx.Done():
			return
		}
		select {
		case due <- call{at, targets[n%len(targets)]}:
		case <-ctx.Done():
			return
		}
	}
}

// caller has one connection, which it opens anew after a failure.
type caller struct {
	conn     *connection
	times    []time.Duration
	failures []Failure
}

func (c *caller) take(ctx context.Context, due <-chan call, begin time.Time) {
	defer c.hangUp()
	for d := range due {
		if err := c.carryOut(ctx, d); err != nil {
			c.failures = append(c.failures, Failure{At: d.at.Sub(begin), Err: err})
			c.hangUp()
			continue
		}
		c.times = append(c.times, time.Since(d.at))
	}
}

func (c *caller) carryOut(ctx context.Context, d call) (err error) {
	if c.conn == nil {
		if c.conn, err = connect(ctx, d.target); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
	}
	c.conn.request = d.target.request
	if err := c.conn.conn.SetDeadline(time.Now().Add(stall)); err != nil {
		return err
	}
	return c.conn.exchange()
}

func (c *caller) hangUp() {
	if c.conn != nil {
		c.conn.close()
		c.conn = nil
	}
}
