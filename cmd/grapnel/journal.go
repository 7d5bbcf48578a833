package main

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/workspace"
)

// openJournal opens the log of requests and attempts. Where it is off there is none, and everything else
// works without it.
func (s *serveCommand) openJournal(ctx context.Context, kept store.Store, index *integrations.Index, logger *slog.Logger) (j *integrations.Journal, closeLog func(), err error) {
	none := func() {}
	level := integrations.LogLevel(s.RequestLog)
	if level == integrations.LogOff {
		return nil, none, nil
	}
	place := s.DataDir
	if s.MongoURL != "" {
		place = s.MongoURL
	}
	key, err := workspace.Key(ctx, kept, "log")
	if err != nil {
		return nil, none, err
	}
	sealer, err := integrations.NewSealer(key)
	if err != nil {
		return nil, none, err
	}
	log, err := store.OpenLog(ctx, place)
	if err != nil {
		return nil, none, err
	}
	j = integrations.NewJournal(integrations.JournalConfig{Store: log, Index: index, Sealer: sealer, Logger: logger, Level: level, Body: int(s.RequestLogBody)})
	return j, func() {
		if err := log.Close(); err != nil {
			logger.ErrorContext(ctx, "the log of requests was not closed well", "error", err)
		}
	}, nil
}

// measureJournal shows what becomes of the log's entries.
func measureJournal(registry *prometheus.Registry, j *integrations.Journal) {
	for outcome, count := range map[string]func(integrations.JournalStats) int64{
		"kept":       func(s integrations.JournalStats) int64 { return s.Kept },
		"overflowed": func(s integrations.JournalStats) int64 { return s.Overflowed },
		"failed":     func(s integrations.JournalStats) int64 { return s.Failed },
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "grapnel_request_log_entries_total", Help: "Requests and attempts handed to the log: kept, dropped as they came too fast, dropped as they could not be stored.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count(j.Stats())) }))
	}
}
