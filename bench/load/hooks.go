package main

import "context"

// measureHooks compares the bare handler, the hook without a script and the hook with one.
func measureHooks(ctx context.Context, o options, dir string, r *report) error {
	bare, err := startBare(ctx, o.bare, dir)
	if err != nil {
		return err
	}
	defer bare.stop()
	scenarios := []scenario{{"bare", bare, newTarget(bare.addr, "/hooks/id/token", pushWithText())}}
	if o.grapnel != "none" {
		i, err := newInstallation(o.grapnel, dir)
		if err != nil {
			return err
		}
		server, err := i.start(ctx)
		if err != nil {
			return err
		}
		defer server.stop()
		hooks, err := i.hooks(ctx, server)
		if err != nil {
			return err
		}
		scenarios = append(scenarios, hooks...)
	}
	rounds, err := measureRounds(ctx, o, scenarios, r)
	if err != nil || len(scenarios) == 1 {
		return err
	}
	const bareAt, hookAt, scriptAt = 0, 1, 2
	share := r.ratio("hook/bare", ratios(rounds, hookAt, bareAt))
	r.ratio("script/bare", ratios(rounds, scriptAt, bareAt))
	r.bar(share >= hookShare, "hook: %.2f of the bare handler (bar: at least %.2f)", share, hookShare)
	most := mostHeld(rounds, hookAt, scriptAt)
	r.bar(most < serverPSS, "server memory without workers: %.1f MB PSS (bar: under %.0f)", megabytes(most), megabytes(serverPSS))
	return nil
}

// startBare starts bench/bare.
func startBare(ctx context.Context, path, dir string) (*process, error) {
	return start(ctx, command{
		name: "bare",
		path: path,
		args: func(port string) []string { return []string{"-addr", "127.0.0.1:" + port} },
		env:  func(string) []string { return []string{} },
		dir:  dir,
	})
}

// hooks creates the two hooks to measure.
func (i installation) hooks(ctx context.Context, server *process) ([]scenario, error) {
	a, err := i.login(ctx, server)
	if err != nil {
		return nil, err
	}
	plainHook, err := a.incoming(ctx, "load", "")
	if err != nil {
		return nil, err
	}
	scriptHook, err := a.incoming(ctx, "load with script", pushScript)
	if err != nil {
		return nil, err
	}
	return []scenario{
		{"hook", server, newTarget(server.addr, plainHook, pushWithText())},
		{"hook with script", server, newTarget(server.addr, scriptHook, pushWithText())},
	}, nil
}

// measureRounds warms every scenario and then alternates between them.
func measureRounds(ctx context.Context, o options, scenarios []scenario, r *report) ([][]measure, error) {
	var runs []run
	for _, s := range scenarios {
		if _, err := s.round(ctx, pace{connections: o.connections, duration: o.warm}); err != nil {
			return nil, err
		}
		runs = append(runs, func(ctx context.Context) (measure, error) {
			return s.round(ctx, pace{connections: o.connections, duration: o.round})
		})
	}
	r.heading("GitHub push to a hook")
	return alternate(ctx, runs, o.rounds, r.row)
}

func mostHeld(rounds [][]measure, scenarios ...int) int64 {
	var most int64
	for _, round := range rounds {
		for _, i := range scenarios {
			most = max(most, round[i].held.server)
		}
	}
	return most
}
