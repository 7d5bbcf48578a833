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

	"github.com/grapnel-chat/grapnel/bench/beside"
)

type options struct {
	beside.Killing

	events, quiet int
}

func parseOptions(args []string, out io.Writer) (options, error) {
	o := options{Killing: beside.Killing{Kills: 50, Senders: 16, Backlog: 2000}}
	f := flag.NewFlagSet("crash", flag.ContinueOnError)
	f.SetOutput(out)
	o.Flags(f)
	f.IntVar(&o.events, "events", 20_000, "events that are acknowledged while the server is killed, at least")
	f.IntVar(&o.quiet, "quiet", 2000, "events before the first kill, with a proper stop under load in between")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.events < 1 || o.quiet < 0 {
		return options{}, errors.New("events must be positive, and quiet not negative")
	}
	return o, o.Check()
}

func main() {
	beside.Program[options]{Name: "crash", Parse: parseOptions, Run: run}.Main()
}

// run kills a server of its own and says whether all promises held.
func run(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	return o.Within(ctx, "crash", func(dir string) (bool, error) {
		r := &report{out: out}
		r.opening(o)
		found, err := killing(ctx, o, dir)
		if err != nil {
			return false, err
		}
		return r.verdicts(judge(found)), nil
	})
}
