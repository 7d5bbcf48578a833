// Command load measures grapnel's hooks against the least that a webhook server can do.
//
// It builds grapnel and bench/bare unless told where they are, starts both as processes of their
// own on loopback ports, and posts a GitHub push to each in turn: to the bare handler, to a hook
// without a script, to a hook whose script turns the push into a message. Then it compares a
// server that has stored little with one that has stored much. All three programs share the
// machine, so trust the ratios, not the figures; rounds alternate, and the median counts.
//
// With -outgoing it measures deliveries: events come in by a hook and go out to local receivers.
//
// With -peers it compares grapnel with what users would compare it with, see bench/peers.
//
// It needs Linux: what the servers consume is read from /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// The bars.
const (
	hookShare   = 0.5      // of the bare handler's requests per second, at least
	serverPSS   = 80 << 20 // bytes of the server without its workers, less than
	logCost     = 1.1      // times the server's processor time of a hook without a log, at most
	growthShare = 0.8      // of the small server's requests per second, at least

	deliveriesPerSecond = 3000
	deliveryTime        = 50 * time.Millisecond // from the event to the receiver, 99 % at half load, under
	waitingShare        = 0.8                   // of the deliveries per second with nothing else waiting, at least
	waitingDelay        = 1.2                   // times the 99 % with nothing else waiting, at most
)

type options struct {
	grapnel, bare, dir     string
	mongo                  string
	peers, node            string
	rounds, connections    int
	round, warm            time.Duration
	messages, integrations int
	outgoing               bool
	waiting, open          int
	growthRequests         int
	short, strict          bool
}

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.grapnel, "grapnel", "", "path of the grapnel binary (default: build it); none: measure the bare handler alone")
	f.StringVar(&o.bare, "bare", "", "path of the bare binary (default: build it)")
	f.StringVar(&o.dir, "dir", os.TempDir(), "folder for data and logs; the disk under it is part of what is measured")
	f.StringVar(&o.mongo, "mongo", "", "address of an empty MongoDB database to keep all in, or test: that of tools/mongotest; measures hooks alone")
	f.StringVar(&o.peers, "peers", "", "folder of the peers: measure against them alone (installed with npm ci)")
	f.StringVar(&o.node, "node", "node", "Node, which runs the peers")
	f.IntVar(&o.rounds, "rounds", 5, "how often each scenario is measured")
	f.DurationVar(&o.round, "round", 4*time.Second, "length of a round")
	f.DurationVar(&o.warm, "warm", 2*time.Second, "how long each scenario runs before the first round")
	f.IntVar(&o.connections, "connections", 32, "keep-alive connections, one request in flight on each")
	f.IntVar(&o.messages, "messages", 100_000, "stored messages of the grown server, against 10; 0: leave out")
	f.IntVar(&o.integrations, "integrations", 1000, "integrations of the grown server, against 1; 0: leave out")
	f.IntVar(&o.growthRequests, "growth-requests", 5000, "requests in a round of the growth scenarios")
	f.BoolVar(&o.outgoing, "outgoing", false, "measure deliveries alone, from an event to its receivers")
	f.IntVar(&o.waiting, "waiting", 100_000, "with -outgoing: deliveries that wait in one of the servers")
	f.IntVar(&o.open, "open", 512, "with -outgoing: deliveries under way at once, at most")
	f.BoolVar(&o.short, "short", false, "a smoke test of some seconds: shorter rounds, smaller growth")
	f.BoolVar(&o.strict, "strict", false, "exit with 1 if a bar is missed")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.short {
		o.rounds, o.round, o.warm = 3, 500*time.Millisecond, 300*time.Millisecond
		o.messages, o.integrations, o.growthRequests = min(o.messages, 3000), min(o.integrations, 100), 1000
		o.waiting = min(o.waiting, 2000)
	}
	if o.rounds < 1 || o.connections < 1 || o.round <= 0 || o.growthRequests < o.connections {
		return options{}, errors.New("rounds, connections and round must be positive, growth-requests no less than connections")
	}
	return o, nil
}

func main() {
	// One thread sends as much as two and leaves the other processor to the server.
	runtime.GOMAXPROCS(1)
	beside.Program[options]{Name: "load", Parse: parseOptions, Run: meetBars}.Main()
}

// meetBars measures, and says whether the program passed: a missed bar counts with -strict alone.
func meetBars(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	failed, err := measureAll(ctx, o, out)
	return !failed || !o.strict, err
}

// measureAll runs every scenario and says whether a bar was missed.
func measureAll(ctx context.Context, o options, out io.Writer) (failed bool, err error) {
	dir, err := os.MkdirTemp(o.dir, "grapnel-load-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.peers == "" && !o.outgoing {
		if o.bare, err = beside.Build(ctx, o.bare, dir, "bench/bare"); err != nil {
			return false, err
		}
	}
	if o.grapnel != "none" {
		if o.grapnel, err = beside.Build(ctx, o.grapnel, dir, "cmd/grapnel"); err != nil {
			return false, err
		}
	}
	r := &report{out: out}
	r.machine(o)
	if o.peers != "" {
		err := measurePeers(ctx, o, dir, r)
		return r.failed, err
	}
	if o.outgoing {
		err := measureOutgoing(ctx, o, dir, r)
		return r.failed, err
	}
	if o.mongo == "test" {
		m, err := beside.StartMongo(ctx, dir)
		if err != nil {
			return false, err
		}
		defer m.Stop()
		o.mongo = m.Address + "/grapnel"
	}
	if err := measureHooks(ctx, o, dir, r); err != nil || o.grapnel == "none" || o.mongo != "" {
		return r.failed, err
	}
	if o.messages > 0 {
		worlds, err := messageWorlds(ctx, o.grapnel, dir, o.connections, o.messages)
		if err == nil {
			err = measureGrowth(ctx, o, worlds, r)
		}
		if err != nil {
			return r.failed, err
		}
	}
	if o.integrations > 0 {
		worlds, err := integrationWorlds(ctx, o.grapnel, dir, o.integrations)
		if err == nil {
			err = measureGrowth(ctx, o, worlds, r)
		}
		if err != nil {
			return r.failed, err
		}
	}
	return r.failed, nil
}
