package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/scripts"
)

// countAttempts counts the attempts of deliveries.
func countAttempts(registry *prometheus.Registry) func(delivery.Attempt) {
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "grapnel_delivery_attempts_total", Help: "Attempts of deliveries, by what became of the delivery.",
	}, []string{"state"})
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "grapnel_delivery_attempt_seconds", Help: "Time that an attempt took, with its scripts.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40},
	})
	registry.MustRegister(attempts, seconds)
	return func(a delivery.Attempt) {
		attempts.WithLabelValues(string(a.State)).Inc()
		seconds.Observe(a.Duration.Seconds())
	}
}

// measurePool shows what the scripts' workers do.
func measurePool(registry *prometheus.Registry, pool *scripts.Pool) {
	for name, m := range map[string]struct {
		help  string
		value func(scripts.Stats) float64
	}{
		"grapnel_script_workers_started_total": {"Processes started to run scripts.", func(s scripts.Stats) float64 { return float64(s.Starts) }},
		"grapnel_script_workers_ended_total":   {"Processes that are gone, because a script broke its limits or at the end.", func(s scripts.Stats) float64 { return float64(s.Ended) }},
		"grapnel_script_compiles_total":        {"Scripts compiled.", func(s scripts.Stats) float64 { return float64(s.Compiles) }},
		"grapnel_script_waits_total":           {"Calls of scripts that had to wait for their turn.", func(s scripts.Stats) float64 { return float64(s.Waits) }},
		"grapnel_script_long_runs_total":       {"Runs that turned out to be long, and went on at low priority.", func(s scripts.Stats) float64 { return float64(s.LongRuns) }},
		"grapnel_script_calls_out_total":       {"Calls to other services that scripts made.", func(s scripts.Stats) float64 { return float64(s.Calls) }},
		"grapnel_script_throttle_refusals_total": {
			"Calls that were refused because their script is throttled.", func(s scripts.Stats) float64 { return float64(s.Refusals) },
		},
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: m.help},
			func() float64 { return m.value(pool.Stats()) }))
	}
	for name, m := range map[string]struct {
		help  string
		value func(scripts.Stats) float64
	}{
		"grapnel_scripts_throttled": {"Scripts that are not run for a while, as they were stopped several times in a row.", func(s scripts.Stats) float64 { return float64(s.Throttled) }},
		"grapnel_scripts_low":       {"Runs at low priority.", func(s scripts.Stats) float64 { return float64(s.Low) }},
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: m.help},
			func() float64 { return m.value(pool.Stats()) }))
	}
	for _, reason := range scripts.KillReasons() {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "grapnel_script_kills_total", Help: "Runs that were stopped, by what stopped them.",
			ConstLabels: prometheus.Labels{"reason": string(reason)},
		}, func() float64 { return float64(pool.Stats().Kills[reason]) }))
	}
}
