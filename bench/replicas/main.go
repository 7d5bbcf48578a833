// Command replicas runs three real servers at one database behind a round-robin client, kills one of
// them again and again under load in both directions, and checks that what was promised holds.
//
// First it measures how long a change that one server makes takes to be in force at the others. Then
// messages come in by hooks, plain and with a script, and by chat.postMessage, each at the next of the
// servers that run; each message goes out to two receivers, one of which fails now and then. One server
// after the other is killed with SIGKILL at random points and started again. In the end every message
// that was answered with 200 has to be in its room once, and has to have reached every receiver. A
// receiver may have got one twice only where a call was under way at a kill, with the same webhook-id.
//
// Which calls were under way is taken from two sides: those that reached a receiver, without those that
// the logs of the servers say were recorded.
//
// The database is one of tools/mongotest, or with -mongo a real one.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

type options struct {
	beside.Killing

	mongo         string
	servers       int
	events, quiet int
	bars          bool
}

func parseOptions(args []string, out io.Writer) (options, error) {
	o := options{Killing: beside.Killing{Kills: 10, Senders: 12, Backlog: 1000}}
	f := flag.NewFlagSet("replicas", flag.ContinueOnError)
	f.SetOutput(out)
	o.Flags(f)
	f.StringVar(&o.mongo, "mongo", "", "address of an empty database of a MongoDB (default: start tools/mongotest)")
	f.IntVar(&o.servers, "servers", 3, "how many servers share the database")
	f.IntVar(&o.events, "events", 200, "events between two kills, at least")
	f.IntVar(&o.quiet, "quiet", 200, "events before the first kill, of which nothing may be made twice")
	f.BoolVar(&o.bars, "bars", false, "fail where a change takes more than two seconds to be in force at all servers")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.servers < 2 || o.events < 1 || o.quiet < 1 {
		return options{}, errors.New("there have to be two servers, and events and quiet must be positive")
	}
	return o, o.Check()
}

func main() {
	beside.Program[options]{Name: "replicas", Parse: parseOptions, Run: run}.Main()
}

// run plays everything on a database of its own and says whether all promises held.
func run(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	return o.Within(ctx, "replicas", func(dir string) (bool, error) { return kill(ctx, o, dir, &report{out: out}) })
}

// kill is run in a folder of its own.
func kill(ctx context.Context, o options, dir string, r *report) (passed bool, err error) {
	r.opening(o)
	if o.mongo == "" {
		m, err := beside.StartMongo(ctx, dir)
		if err != nil {
			return false, err
		}
		defer m.Stop()
		o.mongo = m.Address + "/grapnel"
	}
	c, err := startCluster(ctx, o, dir)
	if err != nil {
		return false, err
	}
	defer c.stop()
	followed, err := follow(ctx, c)
	if err != nil {
		return false, err
	}
	quick := r.followed(followed)
	found, err := play(ctx, o, c)
	if err != nil {
		return false, err
	}
	return r.verdicts(judge(found)) && (quick || !o.bars), nil
}
