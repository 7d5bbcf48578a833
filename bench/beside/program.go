package beside

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Program is one that measures or checks servers: it reads its options O and runs once.
type Program[O any] struct {
	Name  string
	Parse func(args []string, out io.Writer) (O, error)
	Run   func(ctx context.Context, o O, out io.Writer) (passed bool, err error)
}

// Main runs the program until it is done or is told to stop, and ends the process: with 0 if it
// passed or only showed its flags, else with 1.
func (p Program[O]) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := p.status(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func (p Program[O]) status(ctx context.Context, args []string, out, complaints io.Writer) int {
	o, err := p.Parse(args, complaints)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	passed := false
	if err == nil {
		passed, err = p.Run(ctx, o, out)
	}
	if err != nil {
		_, _ = fmt.Fprintf(complaints, "%s: %v\n", p.Name, err)
	}
	if err != nil || !passed {
		return 1
	}
	return 0
}
