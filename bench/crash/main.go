// Command crash kills a real server again and again while it is under load in both directions, and
// checks that what it promised holds.
//
// Messages come in by hooks, plain and with a script, and by chat.postMessage; each of them goes out
// to several receivers, one of which is slow and one of which fails now and then. The server is first
// stopped as an operator stops it, and then killed with SIGKILL at random points. In the end every
// message that was answered with 200 has to be in its room once, every message that is there has to
// have reached every receiver, and no receiver may have got one twice but for calls that were under
// way at a kill, which then have to carry the same webhook-id.
//
// Which calls were under way is taken from two sides: those that reached a receiver in one life of the
// server, without those that the server's log of that life says were recorded.
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
	grapnel, dir   string
	events, kills  int
	quiet, senders int
	backlog        int
	seed           uint64
	patience       time.Duration
}

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("crash", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.grapnel, "grapnel", "", "path of the grapnel binary (default: build it)")
	f.StringVar(&o.dir, "dir", os.TempDir(), "folder for data and logs")
	f.IntVar(&o.events, "events", 20_000, "events that are acknowledged while the server is killed, at least")
	f.IntVar(&o.kills, "kills", 50, "how often the server is killed")
	f.IntVar(&o.quiet, "quiet", 2000, "events before the first kill, with a proper stop under load in between")
	f.IntVar(&o.senders, "senders", 16, "events that are sent at once")
	f.IntVar(&o.backlog, "backlog", 2000, "deliveries that may wait before the senders pause")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the random points")
	f.DurationVar(&o.patience, "patience", 4*time.Minute, "how long nothing may arrive in the end before what is missing counts as lost")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.events < 1 || o.kills < 1 || o.quiet < 0 || o.senders < 1 || o.backlog < 1 || o.patience <= 0 {
		return options{}, errors.New("events, kills, senders, backlog and patience must be positive")
	}
	return o, nil
}

func main() {
	beside.Program[options]{Name: "crash", Parse: parseOptions, Run: run}.Main()
}

// run kills a server of its own and says whether all promises held.
func run(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	dir, err := os.MkdirTemp(o.dir, "grapnel-crash-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.grapnel, err = beside.Build(ctx, o.grapnel, dir, "cmd/grapnel"); err != nil {
		return false, err
	}
	r := &report{out: out}
	r.opening(o)
	found, err := killing(ctx, o, dir)
	if err != nil {
		return false, err
	}
	return r.verdicts(judge(found)), nil
}
