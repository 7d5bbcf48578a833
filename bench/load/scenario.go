package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// scenario is a request that is sent to one server, round after round.
type scenario struct {
	name   string
	server *beside.Process
	target beside.Target
}

// measure is what one round of a scenario found.
type measure struct {
	scenario  string
	sample    beside.Sample
	used      beside.CPU    // during the round
	allocated float64       // bytes, by the server alone; not a number if it does not tell
	held      beside.Memory // at its end
}

// perRequest divides processor time among the requests, in microseconds.
func (m measure) perRequest(d time.Duration) float64 {
	return float64(d.Microseconds()) / float64(m.sample.Requests)
}

func (s scenario) round(ctx context.Context, p beside.Pace) (measure, error) {
	allocated := s.server.Allocated(ctx)
	before, err := s.server.CPU()
	if err != nil {
		return measure{}, err
	}
	sample, err := beside.Send(ctx, s.target, p)
	if err != nil {
		return measure{}, fmt.Errorf("%s: %w\n%s", s.name, err, s.server.LastWords())
	}
	after, err := s.server.CPU()
	if err != nil {
		return measure{}, err
	}
	held, err := s.server.Memory()
	return measure{
		scenario:  s.name,
		sample:    sample,
		used:      after.Since(before),
		allocated: s.server.Allocated(ctx) - allocated,
		held:      held,
	}, err
}

// run makes one round.
type run func(ctx context.Context) (measure, error)

// alternate makes the runs in turn, round after round, so that a noisy machine hurts all alike,
// and shows each as it ends. The result is by round, then by run.
func alternate(ctx context.Context, runs []run, rounds int, show func(round int, m measure)) ([][]measure, error) {
	all := make([][]measure, rounds)
	for n := range all {
		for _, r := range runs {
			m, err := r(ctx)
			if err != nil {
				return nil, err
			}
			show(n+1, m)
			all[n] = append(all[n], m)
		}
	}
	return all, nil
}

// ratios compares two scenarios round by round.
func ratios(rounds [][]measure, of, to int) []float64 {
	var all []float64
	for _, round := range rounds {
		all = append(all, round[of].sample.PerSecond()/round[to].sample.PerSecond())
	}
	return all
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
