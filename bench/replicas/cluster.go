package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// cluster are the servers at one database.
type cluster struct {
	installations []beside.Installation
	admin         beside.Admin

	mu      sync.Mutex
	running []*beside.Process // nil: it was killed
	turn    int
	logs    []string // of all servers that have ever run
}

// startCluster starts all servers at once, on a database that none of them has seen.
func startCluster(ctx context.Context, o options, dir string) (*cluster, error) {
	first, err := beside.NewInstallation(o.Grapnel, dir)
	if err != nil {
		return nil, err
	}
	first.Mongo = o.mongo
	c := &cluster{running: make([]*beside.Process, o.servers)}
	for range o.servers {
		c.installations = append(c.installations, first)
	}
	errs := make([]error, o.servers)
	var starting sync.WaitGroup
	for n := range o.servers {
		starting.Go(func() { errs[n] = c.start(ctx, n) })
	}
	starting.Wait()
	for n, err := range errs {
		if err != nil {
			c.stop()
			return nil, fmt.Errorf("server %d: %w", n+1, err)
		}
	}
	if c.admin, err = first.Login(ctx, c.at(0)); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) start(ctx context.Context, n int) error {
	p, err := c.installations[n].Start(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[n] = p
	c.logs = append(c.logs, p.Log())
	return nil
}

// kill ends a server as a crash does.
func (c *cluster) kill(n int) {
	c.mu.Lock()
	p := c.running[n]
	c.running[n] = nil
	c.mu.Unlock()
	p.Kill()
}

func (c *cluster) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, p := range c.running {
		if p != nil {
			p.Stop()
		}
		c.running[n] = nil
	}
}

// at is one of the servers; nil while it does not run.
func (c *cluster) at(n int) *beside.Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running[n]
}

// next is the address of the next server in turn that runs.
func (c *cluster) next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		c.turn++
		if p := c.running[c.turn%len(c.running)]; p != nil {
			return p.Addr
		}
	}
}

// ended is a server that ended by itself; nil where all run that should.
func (c *cluster) ended() *beside.Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.running {
		if p != nil && !p.Runs() {
			return p
		}
	}
	return nil
}
