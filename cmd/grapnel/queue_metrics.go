package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
)

// mostCounting is how long a scrape waits for the store.
const mostCounting = 5 * time.Second

// queueMetrics shows where deliveries stand. It asks the store once for each scrape.
type queueMetrics struct {
	queue  integrations.Queue
	states *prometheus.Desc
}

// measureDeliveries shows what waits for delivery and which receivers are not called.
func measureDeliveries(registry *prometheus.Registry, queue integrations.Queue, worker *delivery.Worker, service *integrations.Service) {
	registry.MustRegister(&queueMetrics{
		queue:  queue,
		states: prometheus.NewDesc("grapnel_deliveries", "Deliveries by where they stand: waiting, parked in their lane, held by a disabled integration, or dead.", []string{"state"}, nil),
	})
	for name, m := range map[string]struct {
		help  string
		value func() int
	}{
		"grapnel_delivery_calls":               {"Calls to receivers under way.", func() int { return worker.Stats().Calling }},
		"grapnel_delivery_claimed":             {"Deliveries that this server has claimed and not yet recorded.", func() int { return worker.Stats().Held }},
		"grapnel_delivery_receivers_open":      {"Receivers that are not called now, as they are in trouble or asked for it.", func() int { return worker.Stats().Open }},
		"grapnel_delivery_receivers_half_open": {"Receivers that are called once, to see whether they are back.", func() int { return worker.Stats().HalfOpen }},
		"grapnel_delivery_outages":             {"URLs of integrations that have had no success since a call failed.", service.Outages},
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: m.help}, func() float64 { return float64(m.value()) }))
	}
}

// Describe implements prometheus.Collector.
func (q *queueMetrics) Describe(out chan<- *prometheus.Desc) { out <- q.states }

// Collect implements prometheus.Collector.
func (q *queueMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), mostCounting)
	defer cancel()
	counts, err := q.queue.Counts(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(q.states, err)
		return
	}
	for _, state := range []integrations.State{integrations.Waiting, integrations.Parked, integrations.Held, integrations.Dead} {
		out <- prometheus.MustNewConstMetric(q.states, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
}
