package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// scene is everything that outlives the server.
type scene struct {
	options
	installation beside.Installation
	receivers    *receivers
	senders      *senders
	random       *rand.Rand
	lives        []life
}

// killing plays everything and answers the facts that are left in the end.
func killing(ctx context.Context, o options, dir string) (facts, error) {
	receivers, err := startReceivers(ctx)
	if err != nil {
		return facts{}, err
	}
	defer receivers.close()
	installation, err := beside.NewInstallation(o.Grapnel, dir)
	if err != nil {
		return facts{}, err
	}
	s := &scene{options: o, installation: installation, receivers: receivers, random: rand.New(rand.NewPCG(o.Seed, 0))} //nolint:gosec // it has to be repeatable
	admin, err := s.furnish(ctx)
	if err != nil {
		return facts{}, err
	}
	if err := s.live(ctx, o.quiet, false); err != nil { // stopped under load
		return facts{}, err
	}
	for n := range o.Kills {
		share := o.events / o.Kills
		if err := s.live(ctx, o.quiet+n*share+s.random.IntN(share+1), true); err != nil {
			return facts{}, err
		}
	}
	return s.end(ctx, admin)
}

// furnish makes the integrations.
func (s *scene) furnish(ctx context.Context) (http.Header, error) {
	server, err := s.start(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	admin, err := s.installation.Login(ctx, server)
	if err != nil {
		return nil, err
	}
	if err := admin.Channel(ctx, "line"); err != nil {
		return nil, err
	}
	plain, err := admin.Incoming(ctx, "plain", "")
	if err != nil {
		return nil, err
	}
	scripted, err := admin.Incoming(ctx, "with a script", `class Script {
		process_incoming_request({ request }) { return { content: { text: request.content.text } }; }
	}`)
	if err != nil {
		return nil, err
	}
	line, err := admin.IncomingTo(ctx, "line", "#line", "")
	if err != nil {
		return nil, err
	}
	for room, receivers := range rooms {
		for _, path := range receivers {
			if err := s.listen(ctx, admin, room, path); err != nil {
				return nil, err
			}
		}
	}
	byPlain, byScript, said := way{beside.ByHook(plain), "general"}, way{beside.ByHook(scripted), "general"}, way{beside.ByMessage(admin), "general"}
	inLine := way{beside.ByHook(line), "line"}
	s.senders = newSenders([]way{byPlain, byScript, said, byPlain, byScript, said, byPlain, inLine}, s.mayMore, s.Senders)
	return admin.Header(), nil
}

// listen makes an integration that tries again soon.
func (s *scene) listen(ctx context.Context, admin beside.Admin, room, path string) error {
	id, err := admin.Listening(ctx, path, "#"+room, s.receivers.url+path)
	if err != nil {
		return err
	}
	options := map[string]any{
		"policy": "grapnel", "retry": map[string]any{"attempts": 20, "first": 1, "longest": 2},
	}
	if path == ordered {
		options["order"] = "url"
	}
	return admin.SetOptions(ctx, id, options)
}

// mayMore says whether few enough deliveries wait for more events to be sent. At each kill there
// should be traffic in both directions.
func (s *scene) mayMore() bool {
	arrived, _ := s.receivers.count()
	return int(s.senders.deliveries.Load())-arrived < s.Backlog
}

// start starts the server for another life.
func (s *scene) start(ctx context.Context, number int) (*beside.Process, error) {
	s.receivers.begin(number)
	return s.installation.Start(ctx)
}

// live lets the server work until so many events were acknowledged in all, and ends it.
func (s *scene) live(ctx context.Context, until int, kill bool) error {
	l := life{number: len(s.lives) + 1, killed: kill}
	server, err := s.start(ctx, l.number)
	if err != nil {
		return fmt.Errorf("life %d: %w", l.number, err)
	}
	began, before := time.Now(), s.senders.answers.Acknowledged()
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var load sync.WaitGroup
	load.Go(func() { s.senders.run(sending, server.Addr, s.Senders) })
	for s.senders.answers.Acknowledged() < until && server.Runs() && ctx.Err() == nil {
		beside.Pause(ctx, time.Millisecond)
	}
	if !server.Runs() {
		return fmt.Errorf("life %d: the server ended by itself:\n%s", l.number, server.LastWords())
	}
	beside.Pause(ctx, time.Duration(s.random.Int64N(int64(20*time.Millisecond))))
	l.lasted = time.Since(began)
	if kill {
		server.Kill()
	} else {
		server.Stop()
	}
	stop()
	load.Wait()
	l.events = s.senders.answers.Acknowledged() - before
	if err := s.receivers.settle(ctx); err != nil {
		return err
	}
	if l.recorded, err = beside.Attempts(server.Log()); err != nil {
		return err
	}
	s.lives = append(s.lives, l)
	return ctx.Err()
}

// end sends what is left to send, waits until everything has arrived, and collects the facts.
func (s *scene) end(ctx context.Context, admin http.Header) (facts, error) {
	server, err := s.start(ctx, len(s.lives)+1)
	if err != nil {
		return facts{}, err
	}
	defer server.Stop()
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var load sync.WaitGroup
	load.Go(func() { s.senders.run(sending, server.Addr, s.Senders) })
	for s.senders.answers.Acknowledged() < s.quiet+s.events && ctx.Err() == nil {
		beside.Pause(ctx, time.Millisecond)
	}
	stop()
	load.Wait()
	acked, odd := s.senders.answers.All()
	f := facts{acked: acked, sent: s.senders.sent, odd: odd, lives: s.lives, stored: map[string]map[string]int{}}
	for room := range rooms {
		if f.stored[room], err = storedEvents(ctx, server, admin, room); err != nil {
			return facts{}, err
		}
	}
	if err := (beside.Silence{Enough: late, Missing: s.Patience}).Wait(ctx, len(f.wanted()), s.receivers.count); err != nil {
		return facts{}, err
	}
	f.calls = s.receivers.arrivals()
	return f, nil
}

// late is how long after the last delivery arrived another call is still waited for.
const late = 5 * time.Second
