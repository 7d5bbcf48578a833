package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// play lets the servers work, kills one after the other, and answers the facts that are left.
func play(ctx context.Context, o options, c *cluster) (facts, error) {
	receivers, err := startReceivers(ctx)
	if err != nil {
		return facts{}, err
	}
	defer receivers.close()
	s, err := furnish(ctx, o, c, receivers)
	if err != nil {
		return facts{}, err
	}
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var load sync.WaitGroup
	load.Go(func() { s.run(sending, o.Senders) })
	defer load.Wait()
	defer stop()

	random := rand.New(rand.NewPCG(o.Seed, 0)) //nolint:gosec // it has to be repeatable
	until := o.quiet
	if err := reach(ctx, c, s, until); err != nil {
		return facts{}, err
	}
	receivers.endQuiet()
	for n := range o.Kills {
		beside.Pause(ctx, time.Duration(random.Int64N(int64(20*time.Millisecond))))
		killed := n % o.servers
		c.kill(killed)
		until = s.answers.Acknowledged() + o.events/2 // the others go on
		if err := reach(ctx, c, s, until); err != nil {
			return facts{}, err
		}
		if err := c.start(ctx, killed); err != nil {
			return facts{}, fmt.Errorf("start again after kill %d: %w", n+1, err)
		}
		if err := reach(ctx, c, s, until+o.events/2); err != nil {
			return facts{}, err
		}
	}
	stop()
	load.Wait()
	return collect(ctx, o, c, s, receivers)
}

// furnish makes the integrations, and waits until all servers have them.
func furnish(ctx context.Context, o options, c *cluster, r *receivers) (*senders, error) {
	plain, err := c.admin.Incoming(ctx, "plain", "")
	if err != nil {
		return nil, err
	}
	scripted, err := c.admin.Incoming(ctx, "with a script", `class Script {
		process_incoming_request({ request }) { return { content: { text: request.content.text } }; }
	}`)
	if err != nil {
		return nil, err
	}
	for _, path := range allReceivers {
		id, err := c.admin.Listening(ctx, path, "#general", r.url+path)
		if err != nil {
			return nil, err
		}
		if err := c.admin.SetOptions(ctx, id, map[string]any{"policy": "grapnel", "retry": map[string]any{"attempts": 20, "first": 1, "longest": 2}}); err != nil {
			return nil, err
		}
	}
	beside.Pause(ctx, followBar)
	s := &senders{
		ways: []beside.Way{beside.ByHook(plain), beside.ByHook(scripted), beside.ByMessage(c.admin)}, next: c.next,
		client: beside.EventClient(o.Senders),
	}
	s.room = func() bool {
		arrived, _ := r.count()
		return s.answers.Acknowledged()*len(allReceivers)-arrived < o.Backlog
	}
	return s, nil
}

// reach waits until so many events were acknowledged in all.
func reach(ctx context.Context, c *cluster, s *senders, until int) error {
	for s.answers.Acknowledged() < until && ctx.Err() == nil {
		if p := c.ended(); p != nil {
			return fmt.Errorf("a server ended by itself:\n%s", p.LastWords())
		}
		beside.Pause(ctx, time.Millisecond)
	}
	return ctx.Err()
}

// late is how long after the last delivery arrived another call is still waited for. It is more than
// a lease, after which what a killed server had claimed is made again.
const late = 200 * time.Second

// collect waits until everything has arrived and no lease is left, and collects the facts.
func collect(ctx context.Context, o options, c *cluster, s *senders, r *receivers) (facts, error) {
	stored, err := beside.StoredEvents(ctx, c.at(0), c.admin.Header(), "GENERAL")
	if err != nil {
		return facts{}, err
	}
	silence := beside.Silence{Enough: late, Missing: o.Patience}
	if err := silence.Wait(ctx, len(stored)*len(allReceivers), r.count); err != nil {
		return facts{}, err
	}
	recorded, err := beside.Attempts(c.logs...)
	if err != nil {
		return facts{}, err
	}
	acked, odd := s.answers.All()
	return facts{
		acked: acked, odd: odd, unanswered: int(s.unanswered.Load()), stored: stored, calls: r.arrivals(), kills: o.Kills,
		receivers: allReceivers, recorded: recorded,
	}, nil
}
