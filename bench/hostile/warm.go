package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// warm does with well-behaved scripts what the attack does with hostile ones: it saves as many, as long,
// and as many at a time, calls each of them once, and asks why it failed. Then it calls good hooks as
// fast as they are answered. What a server holds after that it holds for what it was given to keep and
// for its caches, and only what an attack adds to it is growth.
func (s siege) warm(ctx context.Context, o options) error {
	errs := make([]error, len(s.files))
	var running sync.WaitGroup
	free := make(chan struct{}, o.atATime)
	for n, file := range s.files {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			errs[n] = s.warmWith(ctx, fmt.Sprintf("as long as %d", n), file)
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	_, err := beside.Send(ctx, s.good[0], beside.Pace{Connections: 32, Requests: o.warm})
	return err
}

// warmWith saves a good script that is as long as a hostile one, and calls its hook.
func (s siege) warmWith(ctx context.Context, name, file string) error {
	f, err := os.Stat(file)
	if err != nil {
		return err
	}
	hook, err := s.admin.Incoming(ctx, name, lengthened(beside.PushScript, f.Size()))
	if err != nil {
		return err
	}
	a, err := s.callHook(ctx, hook)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("status %d: %.200s", a.status, a.text)
	}
	if err != nil {
		return err
	}
	_, err = s.admin.LastError(ctx, hook)
	return err
}

// lengthened adds comments to a script until it is so long.
func lengthened(script string, size int64) string {
	const line = "// A comment, so that this script is as long as another one.\n"
	missing := max(0, int(size)-len(script))
	return script + strings.Repeat(line, missing/len(line))
}
