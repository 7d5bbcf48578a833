package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// Peers are what users would compare grapnel with; bench/peers says what each does. They get the
// same push and run the same script as grapnel, which alone stores the message that comes of it.

// The bars against peers.
const (
	nodeShare    = 1.0 // of one Node process's hooks per second, at least
	nodeRedShare = 1.6 // of Node-RED's
	nodeDelay    = 2.0 // times one Node process's 99 %, at most
)

var (
	// countingScript is the push's, with a count that it keeps.
	//go:embed testdata/counting.js
	countingScript string
	// loopScript is arithmetic and nothing else.
	//go:embed testdata/loop.js
	loopScript string
)

// measurePeers compares grapnel with its peers: with the push's script, then with a heavy loop.
func measurePeers(ctx context.Context, o options, dir string, r *report) error {
	if _, err := os.Stat(filepath.Join(o.peers, "node_modules")); err != nil {
		return errors.New("the peers are not installed: run npm ci in " + o.peers)
	}
	i, err := beside.NewInstallation(o.grapnel, dir)
	if err != nil {
		return err
	}
	server, err := i.Start(ctx)
	if err != nil {
		return err
	}
	defer server.Stop()
	admin, err := i.Login(ctx, server)
	if err != nil {
		return err
	}
	b := bench{options: o, dir: dir, server: server, admin: admin}
	if err := b.comparePush(ctx, r); err != nil {
		return err
	}
	return b.compareLoop(ctx, r)
}

// bench is a running grapnel, and where its peers are.
type bench struct {
	options
	dir    string
	server *beside.Process
	admin  beside.Admin
}

// comparePush is about scripts as authors write them.
func (b bench) comparePush(ctx context.Context, r *report) error {
	scenarios, stop, err := b.start(ctx, contestants{
		{name: "grapnel", script: beside.PushScript},
		{name: "grapnel, stateful", script: countingScript},
		{name: "node", program: "isolated.js", script: beside.PushScript},
		{name: "node, 2 processes", program: "isolated.js", script: beside.PushScript, args: []string{"--processes", "2"}},
		{name: "Node-RED", program: "node-red.js", script: beside.PushScript},
	})
	defer stop()
	if err != nil {
		return err
	}
	rounds, err := b.measure(ctx, "GitHub push to a hook with a script", scenarios, r)
	if err != nil {
		return err
	}
	const grapnel, stateful, node, nodes, nodeRed = 0, 1, 2, 3, 4
	share := r.ratio("grapnel / node", ratios(rounds, grapnel, node))
	r.ratio("grapnel, stateful / node", ratios(rounds, stateful, node))
	r.ratio("node, 2 processes / node", ratios(rounds, nodes, node))
	r.ratio("Node-RED / node", ratios(rounds, nodeRed, node))
	red := r.ratio("grapnel / Node-RED", ratios(rounds, grapnel, nodeRed))
	late := r.ratio("p99: grapnel / node", delays(rounds, grapnel, node))
	r.bar(share >= nodeShare, "grapnel: %.2f of one Node process (bar: at least %.1f)", share, nodeShare)
	r.bar(red >= nodeRedShare, "grapnel: %.2f of Node-RED (bar: at least %.1f)", red, nodeRedShare)
	r.goal(late <= nodeDelay, "grapnel: %.2f times the p99 of one Node process (goal: at most %.1f)", late, nodeDelay)
	return nil
}

// compareLoop shows what a compiler is worth: V8 has one, grapnel's engine has none.
func (b bench) compareLoop(ctx context.Context, r *report) error {
	scenarios, stop, err := b.start(ctx, contestants{
		{name: "grapnel", script: loopScript},
		{name: "node", program: "isolated.js", script: loopScript},
	})
	defer stop()
	if err != nil {
		return err
	}
	rounds, err := b.measure(ctx, "A script with a loop of 100,000 steps", scenarios, r)
	if err != nil {
		return err
	}
	const grapnel, node = 0, 1
	r.ratio("node / grapnel", ratios(rounds, node, grapnel))
	return nil
}

// contestant is one server with one script. Without a program it is grapnel.
type contestant struct {
	name, program, script string
	args                  []string
}

type contestants []contestant

// start makes a scenario of each contestant. The caller calls stop, also after an error.
func (b bench) start(ctx context.Context, all contestants) (scenarios []scenario, stop func(), err error) {
	var running []*beside.Process
	stop = func() {
		for _, p := range running {
			p.Stop()
		}
	}
	for _, c := range all {
		if c.program == "" {
			hook, err := b.admin.Incoming(ctx, c.name, c.script)
			if err != nil {
				return nil, stop, err
			}
			scenarios = append(scenarios, scenario{c.name, b.server, beside.NewTarget(b.server.Addr, hook.Path(), beside.PushWithText())})
			continue
		}
		peer, err := b.startPeer(ctx, c)
		if err != nil {
			return nil, stop, err
		}
		running = append(running, peer)
		scenarios = append(scenarios, scenario{c.name, peer, beside.NewTarget(peer.Addr, "/hooks/id/token", beside.PushWithText())})
	}
	return scenarios, stop, nil
}

func (b bench) startPeer(ctx context.Context, c contestant) (*beside.Process, error) {
	folder, err := filepath.Abs(b.peers)
	if err != nil {
		return nil, err
	}
	script, err := os.CreateTemp(b.dir, "script-*.js")
	if err != nil {
		return nil, err
	}
	_, err = script.WriteString(c.script)
	if err = errors.Join(err, script.Close()); err != nil {
		return nil, err
	}
	return beside.Start(ctx, beside.Command{
		Name: strings.TrimSuffix(c.program, ".js"),
		Path: b.node,
		Args: func(port string) []string {
			return append([]string{filepath.Join(folder, c.program), "--port", port, "--script", script.Name()}, c.args...)
		},
		Env: func(string) []string { return []string{"NODE_ENV=production", "HOME=" + b.dir, "TMPDIR=" + b.dir} },
		Dir: b.dir,
	})
}

// measure warms every scenario and then alternates between them.
func (b bench) measure(ctx context.Context, title string, scenarios []scenario, r *report) ([][]measure, error) {
	var runs []run
	for _, s := range scenarios {
		if _, err := s.round(ctx, beside.Pace{Connections: b.connections, Duration: b.warm}); err != nil {
			return nil, err
		}
		runs = append(runs, func(ctx context.Context) (measure, error) {
			return s.round(ctx, beside.Pace{Connections: b.connections, Duration: b.round})
		})
	}
	r.peerHeading(title)
	return alternate(ctx, runs, b.rounds, r.peerRow)
}

// delays compares the times within which 99 % were answered, round by round.
func delays(rounds [][]measure, of, to int) []float64 {
	var all []float64
	for _, round := range rounds {
		all = append(all, float64(round[of].sample.Percentile(0.99))/float64(round[to].sample.Percentile(0.99)))
	}
	return all
}

// peerHeading opens a table of peers. Its columns are those of peerRow.
func (r *report) peerHeading(title string) {
	r.printf("\n%s\n", title)
	r.printf("%5s  %-18s %8s %8s %8s  %11s %7s  %9s\n", "round", "contestant", "hooks/s", "p50 ms", "p99 ms", "CPU µs/hook", "client", "memory MB")
}

// peerRow adds up all processes of a contestant.
func (r *report) peerRow(round int, m measure) {
	r.printf("%5d  %-18s %8.0f %8s %8s  %11.0f %7.0f  %9.1f\n", round, m.scenario, m.sample.PerSecond(),
		m.sample.Millis(0.50), m.sample.Millis(0.99), m.perRequest(m.used.Server+m.used.Workers), m.perRequest(m.used.Client),
		megabytes(m.held.Server+m.held.Workers))
}

// goal prints how near something is that no exit code depends on.
func (r *report) goal(reached bool, format string, args ...any) {
	word := "GOAL"
	if !reached {
		word = "MISS"
	}
	r.printf("%s  %s\n", word, fmt.Sprintf(format, args...))
}
