package main

import (
	"context"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// measureHooks compares the bare handler, the hook without a script and the hook with one.
func measureHooks(ctx context.Context, o options, dir string, r *report) error {
	bare, err := startBare(ctx, o.bare, dir)
	if err != nil {
		return err
	}
	defer bare.Stop()
	scenarios := []scenario{{"bare", bare, beside.NewTarget(bare.Addr, "/hooks/id/token", beside.PushWithText())}}
	if o.grapnel != "none" {
		i, err := beside.NewInstallation(o.grapnel, dir)
		if err != nil {
			return err
		}
		i.Mongo = o.mongo
		server, err := i.Start(ctx)
		if err != nil {
			return err
		}
		defer server.Stop()
		hooks, err := newHooks(ctx, i, server)
		if err != nil {
			return err
		}
		unlogged, stop, err := unloggedHook(ctx, i, dir)
		if err != nil {
			return err
		}
		defer stop()
		scenarios = append(append(scenarios, hooks...), unlogged)
	}
	rounds, err := measureRounds(ctx, o, scenarios, r)
	if err != nil || len(scenarios) == 1 {
		return err
	}
	const bareAt, hookAt, scriptAt, unloggedAt = 0, 1, 2, 3
	share := r.ratio("hook/bare", ratios(rounds, hookAt, bareAt))
	r.ratio("script/bare", ratios(rounds, scriptAt, bareAt))
	if o.mongo != "" {
		return nil // the bars are those of SQLite
	}
	r.bar(share >= hookShare, "hook: %.2f of the bare handler (bar: at least %.2f)", share, hookShare)
	cost := r.ratio("processor of a hook with its log/without", costs(rounds, hookAt, unloggedAt))
	dropped := notLogged(ctx, scenarios[hookAt].server)
	r.bar(cost <= logCost && dropped == 0, "hook: %.2f times the server's processor time of one without a log (bar: at most %.2f), %.0f requests not logged (bar: none)",
		cost, logCost, dropped)
	most := mostHeld(rounds, hookAt, scriptAt)
	r.bar(most < serverPSS, "server memory without workers: %.1f MB PSS (bar: under %.0f)", megabytes(most), megabytes(serverPSS))
	return nil
}

// notLogged is how many requests the server's log has dropped.
func notLogged(ctx context.Context, server *beside.Process) float64 {
	const entries = "grapnel_request_log_entries_total"
	return server.Metric(ctx, entries+`{outcome="overflowed"}`) + server.Metric(ctx, entries+`{outcome="failed"}`)
}

// unloggedHook starts a server that keeps no log of requests.
func unloggedHook(ctx context.Context, like beside.Installation, dir string) (s scenario, stop func(), err error) {
	i, err := beside.NewInstallation(like.Binary, dir)
	if err != nil {
		return s, nil, err
	}
	if i.Unlogged = true; like.Mongo != "" {
		i.Mongo = like.Mongo + "_unlogged"
	}
	server, err := i.Start(ctx)
	if err != nil {
		return s, nil, err
	}
	hooks, err := newHooks(ctx, i, server)
	if err != nil {
		server.Stop()
		return s, nil, err
	}
	s = hooks[0]
	s.name = "hook, no log"
	return s, server.Stop, nil
}

// costs compares what the servers of two scenarios use for a request, round by round.
func costs(rounds [][]measure, of, to int) []float64 {
	var all []float64
	for _, round := range rounds {
		all = append(all, round[of].perRequest(round[of].used.Server)/round[to].perRequest(round[to].used.Server))
	}
	return all
}

// startBare starts bench/bare.
func startBare(ctx context.Context, path, dir string) (*beside.Process, error) {
	return beside.Start(ctx, beside.Command{
		Name: "bare",
		Path: path,
		Args: func(port string) []string { return []string{"-addr", "127.0.0.1:" + port} },
		Env:  func(string) []string { return []string{} },
		Dir:  dir,
	})
}

// newHooks creates the two hooks to measure.
func newHooks(ctx context.Context, i beside.Installation, server *beside.Process) ([]scenario, error) {
	a, err := i.Login(ctx, server)
	if err != nil {
		return nil, err
	}
	plainHook, err := a.Incoming(ctx, "load", "")
	if err != nil {
		return nil, err
	}
	scriptHook, err := a.Incoming(ctx, "load with script", beside.PushScript)
	if err != nil {
		return nil, err
	}
	return []scenario{
		{"hook", server, beside.NewTarget(server.Addr, plainHook.Path(), beside.PushWithText())},
		{"hook with script", server, beside.NewTarget(server.Addr, scriptHook.Path(), beside.PushWithText())},
	}, nil
}

// measureRounds warms every scenario and then alternates between them.
func measureRounds(ctx context.Context, o options, scenarios []scenario, r *report) ([][]measure, error) {
	var runs []run
	for _, s := range scenarios {
		if _, err := s.round(ctx, beside.Pace{Connections: o.connections, Duration: o.warm}); err != nil {
			return nil, err
		}
		runs = append(runs, func(ctx context.Context) (measure, error) {
			return s.round(ctx, beside.Pace{Connections: o.connections, Duration: o.round})
		})
	}
	r.heading("GitHub push to a hook")
	return alternate(ctx, runs, o.rounds, r.row)
}

func mostHeld(rounds [][]measure, scenarios ...int) int64 {
	var most int64
	for _, round := range rounds {
		for _, i := range scenarios {
			most = max(most, round[i].held.Server)
		}
	}
	return most
}
