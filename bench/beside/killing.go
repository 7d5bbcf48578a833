package beside

import (
	"context"
	"errors"
	"flag"
	"os"
	"time"
)

// Killing is what a program that kills servers under load is told, whatever it kills.
type Killing struct {
	Grapnel, Dir   string
	Kills, Senders int
	Backlog        int
	Seed           uint64
	Patience       time.Duration
}

// Flags offers all of it as flags. The defaults are what it holds so far.
func (k *Killing) Flags(f *flag.FlagSet) {
	f.StringVar(&k.Grapnel, "grapnel", "", "path of the grapnel binary (default: build it)")
	f.StringVar(&k.Dir, "dir", os.TempDir(), "folder for data and logs")
	f.IntVar(&k.Kills, "kills", k.Kills, "how often a server is killed")
	f.IntVar(&k.Senders, "senders", k.Senders, "events that are sent at once")
	f.IntVar(&k.Backlog, "backlog", k.Backlog, "deliveries that may wait before the senders pause")
	f.Uint64Var(&k.Seed, "seed", uint64(time.Now().UnixNano()), "of the random points")
	f.DurationVar(&k.Patience, "patience", 4*time.Minute, "how long nothing may arrive in the end before what is missing counts as lost")
}

// Check refuses what cannot be.
func (k *Killing) Check() error {
	if k.Kills < 1 || k.Senders < 1 || k.Backlog < 1 || k.Patience <= 0 {
		return errors.New("kills, senders, backlog and patience must be positive")
	}
	return nil
}

// Within runs a program in a folder of its own below Dir, with a binary of grapnel, and removes the
// folder.
func (k *Killing) Within(ctx context.Context, name string, do func(dir string) (passed bool, err error)) (passed bool, err error) {
	dir, err := os.MkdirTemp(k.Dir, "grapnel-"+name+"-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if k.Grapnel, err = Build(ctx, k.Grapnel, dir, "cmd/grapnel"); err != nil {
		return false, err
	}
	return do(dir)
}
