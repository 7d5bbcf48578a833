package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// Growth compares a server that holds little with one that holds much. A round adds messages
// itself, so each starts both servers anew on a copy of a prepared data folder: what is compared
// is always the same little and the same much, and both servers are equally cold.

// measureGrowth compares a small world with a large one.
func measureGrowth(ctx context.Context, o options, worlds []world, r *report) error {
	small, large := worlds[0], worlds[1]
	warm := beside.Pace{Connections: o.connections, Requests: max(o.connections, o.growthRequests/10)}
	var runs []run
	for _, w := range worlds {
		runs = append(runs, func(ctx context.Context) (measure, error) {
			return w.round(ctx, warm, beside.Pace{Connections: o.connections, Requests: o.growthRequests})
		})
	}
	r.heading(fmt.Sprintf("Growth: %s, then %s", small.name, large.name))
	rounds, err := alternate(ctx, runs, o.rounds, r.row)
	if err != nil {
		return err
	}
	share := r.ratio("much/little", ratios(rounds, 1, 0))
	r.bar(share >= growthShare, "%s: %.2f of the speed with %s (bar: at least %.2f)", large.name, share, small.name, growthShare)
	return nil
}

// world is a prepared installation with a hook.
type world struct {
	name string
	beside.Installation
	hook string
}

// newWorld prepares a world: it starts a server, lets fill do its part and stops the server.
func newWorld(ctx context.Context, binary, dir, name string, fill func(ctx context.Context, a beside.Admin, hook beside.Target) error) (world, error) {
	i, err := beside.NewInstallation(binary, dir)
	if err != nil {
		return world{}, err
	}
	server, err := i.Start(ctx)
	if err != nil {
		return world{}, err
	}
	defer server.Stop()
	a, err := i.Login(ctx, server)
	if err != nil {
		return world{}, err
	}
	hook, err := a.Incoming(ctx, "load", "")
	if err != nil {
		return world{}, err
	}
	if err := fill(ctx, a, beside.NewTarget(server.Addr, hook.Path(), beside.PushWithText())); err != nil {
		return world{}, fmt.Errorf("fill %s: %w", name, err)
	}
	return world{name: name, Installation: i, hook: hook.Path()}, nil
}

// round measures a fresh copy of the world.
func (w world) round(ctx context.Context, warm, p beside.Pace) (measure, error) {
	template := w.Data
	w.Data = filepath.Join(filepath.Dir(template), "copy-of-"+filepath.Base(template))
	if err := os.CopyFS(w.Data, os.DirFS(template)); err != nil {
		return measure{}, err
	}
	defer func() { _ = os.RemoveAll(w.Data) }()
	server, err := w.Start(ctx)
	if err != nil {
		return measure{}, err
	}
	defer server.Stop()
	s := scenario{name: w.name, server: server, target: beside.NewTarget(server.Addr, w.hook, beside.PushWithText())}
	if _, err := beside.Send(ctx, s.target, warm); err != nil {
		return measure{}, err
	}
	return s.round(ctx, p)
}

// messageWorlds are two that differ in the messages they have stored.
func messageWorlds(ctx context.Context, binary, dir string, connections, many int) ([]world, error) {
	const few = 10
	var worlds []world
	for _, n := range []int{few, many} {
		w, err := newWorld(ctx, binary, dir, fmt.Sprintf("%d messages", n), func(ctx context.Context, _ beside.Admin, hook beside.Target) error {
			_, err := beside.Send(ctx, hook, beside.Pace{Connections: min(connections, n), Requests: n})
			return err
		})
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, w)
	}
	return worlds, nil
}

// integrationWorlds are two that differ in their integrations. Half of the many are outgoing
// and watch rooms to which nothing is posted.
func integrationWorlds(ctx context.Context, binary, dir string, many int) ([]world, error) {
	var worlds []world
	for _, n := range []int{1, many} {
		w, err := newWorld(ctx, binary, dir, fmt.Sprintf("%d integrations", n), func(ctx context.Context, a beside.Admin, _ beside.Target) error {
			for i := 1; i < n; i++ { // the hook that is measured is the first
				if err := another(ctx, a, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, w)
	}
	return worlds, nil
}

func another(ctx context.Context, a beside.Admin, i int) error {
	name := fmt.Sprintf("other %d", i)
	if i%2 == 0 {
		return a.Outgoing(ctx, name)
	}
	_, err := a.Incoming(ctx, name, "")
	return err
}
