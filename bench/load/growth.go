package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Growth compares a server that holds little with one that holds much. A round adds messages
// itself, so each starts both servers anew on a copy of a prepared data folder: what is compared
// is always the same little and the same much, and both servers are equally cold.

// measureGrowth compares a small world with a large one.
func measureGrowth(ctx context.Context, o options, worlds []world, r *report) error {
	small, large := worlds[0], worlds[1]
	warm := pace{connections: o.connections, requests: max(o.connections, o.growthRequests/10)}
	var runs []run
	for _, w := range worlds {
		runs = append(runs, func(ctx context.Context) (measure, error) {
			return w.round(ctx, warm, pace{connections: o.connections, requests: o.growthRequests})
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
	installation
	hook string
}

// newWorld prepares a world: it starts a server, lets fill do its part and stops the server.
func newWorld(ctx context.Context, binary, dir, name string, fill func(ctx context.Context, a admin, hook target) error) (world, error) {
	i, err := newInstallation(binary, dir)
	if err != nil {
		return world{}, err
	}
	server, err := i.start(ctx)
	if err != nil {
		return world{}, err
	}
	defer server.stop()
	a, err := i.login(ctx, server)
	if err != nil {
		return world{}, err
	}
	hook, err := a.incoming(ctx, "load", "")
	if err != nil {
		return world{}, err
	}
	if err := fill(ctx, a, newTarget(server.addr, hook, pushWithText())); err != nil {
		return world{}, fmt.Errorf("fill %s: %w", name, err)
	}
	return world{name: name, installation: i, hook: hook}, nil
}

// round measures a fresh copy of the world.
func (w world) round(ctx context.Context, warm, p pace) (measure, error) {
	template := w.data
	w.data = filepath.Join(filepath.Dir(template), "copy-of-"+filepath.Base(template))
	if err := os.CopyFS(w.data, os.DirFS(template)); err != nil {
		return measure{}, err
	}
	defer func() { _ = os.RemoveAll(w.data) }()
	server, err := w.start(ctx)
	if err != nil {
		return measure{}, err
	}
	defer server.stop()
	s := scenario{name: w.name, server: server, target: newTarget(server.addr, w.hook, pushWithText())}
	if _, err := send(ctx, s.target, warm); err != nil {
		return measure{}, err
	}
	return s.round(ctx, p)
}

// messageWorlds are two that differ in the messages they have stored.
func messageWorlds(ctx context.Context, binary, dir string, connections, many int) ([]world, error) {
	const few = 10
	var worlds []world
	for _, n := range []int{few, many} {
		w, err := newWorld(ctx, binary, dir, fmt.Sprintf("%d messages", n), func(ctx context.Context, _ admin, hook target) error {
			_, err := send(ctx, hook, pace{connections: min(connections, n), requests: n})
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
		w, err := newWorld(ctx, binary, dir, fmt.Sprintf("%d integrations", n), func(ctx context.Context, a admin, _ target) error {
			for i := 1; i < n; i++ { // the hook that is measured is the first
				if err := a.another(ctx, i); err != nil {
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

func (a admin) another(ctx context.Context, i int) error {
	name := fmt.Sprintf("other %d", i)
	if i%2 == 0 {
		return a.outgoing(ctx, name)
	}
	_, err := a.incoming(ctx, name, "")
	return err
}
