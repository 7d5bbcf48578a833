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
	"os"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

type options struct {
	grapnel, dir, mongo    string
	servers, kills         int
	events, quiet, senders int
	backlog                int
	seed                   uint64
	patience               time.Duration
	bars                   bool
}

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("replicas", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.grapnel, "grapnel", "", "path of the grapnel binary (default: build it)")
	f.StringVar(&o.dir, "dir", os.TempDir(), "folder for logs")
	f.StringVar(&o.mongo, "mongo", "", "address of an empty database of a MongoDB (default: start tools/mongotest)")
	f.IntVar(&o.servers, "servers", 3, "how many servers share the database")
	f.IntVar(&o.kills, "kills", 10, "how often one of them is killed")
	f.IntVar(&o.events, "events", 200, "events between two kills, at least")
	f.IntVar(&o.quiet, "quiet", 200, "events before the first kill, of which nothing may be made twice")
	f.IntVar(&o.senders, "senders", 12, "events that are sent at once")
	f.IntVar(&o.backlog, "backlog", 1000, "deliveries that may wait before the senders pause")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the random points")
	f.DurationVar(&o.patience, "patience", 4*time.Minute, "how long nothing may arrive in the end before what is missing counts as lost")
	f.BoolVar(&o.bars, "bars", false, "fail where a change takes more than two seconds to be in force at all servers")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.servers < 2 || o.kills < 1 || o.events < 1 || o.quiet < 1 || o.senders < 1 || o.backlog < 1 || o.patience <= 0 {
		return options{}, errors.New("there have to be two servers, and kills, events, quiet, senders, backlog and patience must be positive")
	}
	return o, nil
}

func main() {
	beside.Program[options]{Name: "replicas", Parse: parseOptions, Run: run}.Main()
}

// run plays everything on a database of its own and says whether all promises held.
func run(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	dir, err := os.MkdirTemp(o.dir, "grapnel-replicas-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.grapnel, err = beside.Build(ctx, o.grapnel, dir, "cmd/grapnel"); err != nil {
		return false, err
	}
	r := &report{out: out}
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
