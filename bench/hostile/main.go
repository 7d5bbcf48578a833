// Command hostile runs scripts that were written to break a server through the hooks of a real
// one, eight at a time, while well-behaved hooks are called at a steady rate.
//
// It prints what became of each script and what its workers held, and then its verdicts: every
// script ended with a clear answer within its limits, no good call failed or became slow, and the
// server did not grow. It needs Linux: what the server uses is read from /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// The bars.
const (
	slowest   = 250 * time.Millisecond // 99 % of the good calls, under
	slowdown  = 5                      // times their quiet 99 %, under
	growth    = 1.1                    // times what the server held before it holds some time after, at most
	headroom  = 48 << 20               // bytes that it may hold beyond that meanwhile, at most
	answering = 45 * time.Second       // a save or a call: ten seconds for its turn, thirty with waits (SCRIPT_WALL_TIME), and some for the machine
)

type options struct {
	grapnel, scripts, dir string
	atATime, good, rounds int
	warm                  int
	rate                  float64
	quiet                 time.Duration
	bars                  bool
}

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("hostile", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.grapnel, "grapnel", "", "path of the grapnel binary (default: build it)")
	f.StringVar(&o.scripts, "scripts", "scripts/testdata/hostile", "folder of the scripts, *.js")
	f.StringVar(&o.dir, "dir", os.TempDir(), "folder for data and logs")
	f.IntVar(&o.atATime, "at-a-time", 8, "hostile scripts that run at once")
	f.IntVar(&o.good, "good", 4, "integrations that are called steadily")
	f.Float64Var(&o.rate, "rate", 50, "good calls per second, all together")
	f.IntVar(&o.rounds, "rounds", 3, "into how many rounds the scripts are divided, each after a quiet time")
	f.IntVar(&o.warm, "warm", 20_000, "good calls by which the server fills its caches at first")
	f.DurationVar(&o.quiet, "quiet", 10*time.Second, "how long the good calls are measured alone, in each round")
	f.BoolVar(&o.bars, "bars", false, "fail where good calls became slow or the server grew, which needs a quiet machine")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}
	if o.atATime < 1 || o.good < 1 || o.rounds < 1 || o.warm < 1 || o.rate <= 0 || o.quiet <= 0 {
		return options{}, errors.New("at-a-time, good, rounds, warm, rate and quiet must be positive")
	}
	return o, nil
}

func main() {
	beside.Program[options]{Name: "hostile", Parse: parseOptions, Run: run}.Main()
}

// run attacks a server of its own and says whether it passed.
func run(ctx context.Context, o options, out io.Writer) (passed bool, err error) {
	files, err := filepath.Glob(filepath.Join(o.scripts, "*.js"))
	if err != nil || len(files) == 0 {
		return false, fmt.Errorf("no scripts in %s: %w", o.scripts, err)
	}
	dir, err := os.MkdirTemp(o.dir, "grapnel-hostile-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.grapnel, err = beside.Build(ctx, o.grapnel, dir, "cmd/grapnel"); err != nil {
		return false, err
	}
	installation, err := beside.NewInstallation(o.grapnel, dir)
	if err != nil {
		return false, err
	}
	server, err := installation.Start(ctx)
	if err != nil {
		return false, err
	}
	defer server.Stop()
	admin, err := installation.Login(ctx, server)
	if err != nil {
		return false, err
	}
	good, err := goodHooks(ctx, o, admin, server)
	if err != nil {
		return false, err
	}
	return attack(ctx, o, siege{server: server, admin: admin, good: good, files: files, dir: dir}, out)
}

// goodHooks are integrations whose script turns a push into a message.
func goodHooks(ctx context.Context, o options, admin beside.Admin, server *beside.Process) ([]beside.Target, error) {
	var targets []beside.Target
	for i := range o.good {
		hook, err := admin.Incoming(ctx, fmt.Sprintf("good %d", i), beside.PushScript)
		if err != nil {
			return nil, err
		}
		targets = append(targets, beside.NewTarget(server.Addr, hook.Path(), beside.PushWithText()))
	}
	return targets, nil
}

// attack measures the good hooks alone and then under the attack, in turns, and reports. What else the
// machine does goes on and off meanwhile, and so falls on both.
func attack(ctx context.Context, o options, s siege, out io.Writer) (passed bool, err error) {
	r := report{out: out, bars: o.bars}
	r.begin(o, len(s.files))
	if err := s.warm(ctx, o); err != nil {
		return false, fmt.Errorf("a good call failed before the attack: %w", err)
	}
	for round := range o.rounds {
		part := s
		part.files = share(s.files, round, o.rounds)
		quiet, err := part.measure(ctx, o, func(ctx context.Context) { beside.Pause(ctx, o.quiet) })
		if err == nil && len(quiet.failures) > 0 {
			err = fmt.Errorf("a good call failed before the attack: %w", quiet.failures[0].Err)
		}
		if err != nil {
			return false, err
		}
		if round == 0 {
			if err := r.rest(s.server); err != nil {
				return false, err
			}
		}
		stormy, err := part.measure(ctx, o, func(ctx context.Context) {
			underAttack, over := context.WithCancel(ctx)
			var arriving sync.WaitGroup
			arriving.Go(func() { r.arrived(part.welcome(underAttack)) })
			r.outcomes = append(r.outcomes, part.attackAll(ctx, o.atATime, r.row)...)
			over()
			arriving.Wait()
		})
		if err != nil {
			return false, err
		}
		r.end(round, quiet, stormy)
	}
	later, err := s.measure(ctx, o, func(ctx context.Context) { beside.Pause(ctx, 3*o.quiet) })
	if err != nil {
		return false, err
	}
	r.failures = append(r.failures, later.failures...)
	if err := r.settle(s.server); err != nil {
		return false, fmt.Errorf("the server is gone: %w", err)
	}
	return r.verdicts(), ctx.Err()
}

// share is one of the rounds' part of the files.
func share(files []string, round, rounds int) []string {
	return files[len(files)*round/rounds : len(files)*(round+1)/rounds]
}
