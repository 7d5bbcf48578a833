package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// Outgoing load: events come in by a hook, and each leads to a delivery to one, ten or a hundred
// receivers. How many deliveries a server makes in a second is measured with as many events as it
// keeps up with; how long one takes, from the moment when its event was due to its arrival, at half
// of that. A second server does the same with many deliveries waiting for receivers that refuse them.

// fanOuts are the numbers of receivers that an event goes to.
var fanOuts = []int{1, 10, 100}

// source is a hook whose messages go to receivers.
type source struct {
	server    *beside.Process
	receivers *receivers
	request   []byte // with room for an event's name
	fanOut    int
}

// outgoingMeasure is what a round found.
type outgoingMeasure struct {
	perSecond float64
	used      beside.CPU
	count     int64
	times     []time.Duration // at half load, ascending
}

// measureOutgoing compares a server where nothing else waits with one where much does.
func measureOutgoing(ctx context.Context, o options, dir string, r *report) error {
	sent := &events{}
	taking, err := listen(ctx, slices.Max(fanOuts), taken, sent)
	if err != nil {
		return err
	}
	defer taking.close()
	idle, err := newSources(ctx, o, dir, taking, 0)
	if err != nil {
		return err
	}
	defer idle[0].server.Stop()
	busy, err := newSources(ctx, o, dir, taking, o.waiting)
	if err != nil {
		return err
	}
	defer busy[0].server.Stop()
	r.outgoingHeading()
	for at, n := range fanOuts {
		if err := measureFanOut(ctx, o, r, n, []source{idle[at], busy[at]}); err != nil {
			return err
		}
	}
	return nil
}

// measureFanOut measures both servers in turn.
func measureFanOut(ctx context.Context, o options, r *report, n int, sources []source) error {
	names := []string{"nothing waits", fmt.Sprint(o.waiting, " wait")}
	found := make([][]outgoingMeasure, len(sources))
	for round := range o.rounds {
		for i, s := range sources {
			if round == 0 {
				if _, err := s.measure(ctx, o, o.warm); err != nil {
					return err
				}
			}
			m, err := s.measure(ctx, o, o.round)
			if err != nil {
				return fmt.Errorf("%d receivers, %s: %w\n%s", n, names[i], err, s.server.LastWords())
			}
			r.outgoingRow(round+1, n, names[i], m)
			found[i] = append(found[i], m)
		}
	}
	r.outgoingBars(n, o.waiting, found[0], found[1])
	return nil
}

// newSources starts a server with a hook for each fan-out, in which so many deliveries wait.
func newSources(ctx context.Context, o options, dir string, to *receivers, waiting int) (all []source, err error) {
	i, err := beside.NewInstallation(o.grapnel, dir)
	if err != nil {
		return nil, err
	}
	server, err := i.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			server.Stop()
		}
	}()
	a, err := i.Login(ctx, server)
	if err != nil {
		return nil, err
	}
	for _, n := range fanOuts {
		s, err := newSource(ctx, a, server, fmt.Sprint("out-", n), to, n)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if waiting == 0 {
		return all, nil
	}
	o.waiting = waiting
	return all, pileUp(ctx, o, i, server)
}

// newSource makes a room with a hook into it and deliveries out of it.
func newSource(ctx context.Context, a beside.Admin, server *beside.Process, room string, to *receivers, n int) (source, error) {
	if err := a.Channel(ctx, room); err != nil {
		return source{}, err
	}
	hook, err := a.IncomingTo(ctx, room, "#"+room, "")
	if err != nil {
		return source{}, err
	}
	if _, err := a.Listening(ctx, room, "#"+room, to.urls[:n]...); err != nil {
		return source{}, err
	}
	body := []byte(`{"text":"` + eventName + strings.Repeat("0", eventSize-len(eventName)) + ` of the load"}`)
	return source{server: server, receivers: to, request: beside.NewTarget(server.Addr, hook.Path(), body).Bytes(), fanOut: n}, nil
}

// measure finds how many deliveries the server makes in a second, and then how long they take at half
// of that.
func (s source) measure(ctx context.Context, o options, length time.Duration) (m outgoingMeasure, err error) {
	before, err := s.server.CPU()
	if err != nil {
		return m, err
	}
	first := s.receivers.arrived.Load()
	if m.perSecond, err = s.flood(ctx, o, length); err != nil {
		return m, err
	}
	after, err := s.server.CPU()
	if err != nil {
		return m, err
	}
	m.used, m.count = after.Since(before), s.receivers.arrived.Load()-first
	s.receivers.take()
	if err = s.trickle(ctx, o, length, m.perSecond/2/float64(s.fanOut)); err != nil {
		return m, err
	}
	m.times = s.receivers.take()
	return m, nil
}

// flood sends events as fast as their deliveries arrive, so that few wait at any time.
func (s source) flood(ctx context.Context, o options, length time.Duration) (perSecond float64, err error) {
	begin := time.Now()
	sent, first := s.receivers.events.sent.Load(), s.receivers.arrived.Load()
	hasRoom := func() bool {
		open := (s.receivers.events.sent.Load()-sent)*int64(s.fanOut) - (s.receivers.arrived.Load() - first)
		return open < int64(max(o.open, s.fanOut))
	}
	due := make(chan time.Time)
	go func() {
		defer close(due)
		due <- time.Now() // one at least, however late this begins
		for time.Since(begin) < length && ctx.Err() == nil {
			if !hasRoom() {
				rest(ctx, 200*time.Microsecond)
				continue
			}
			due <- time.Now()
		}
	}()
	err = s.send(ctx, o.connections, due)
	arrived, elapsed := s.receivers.arrived.Load()-first, time.Since(begin)
	if err != nil {
		return 0, err
	}
	if err := s.receivers.await(ctx, first+(s.receivers.events.sent.Load()-sent)*int64(s.fanOut)); err != nil {
		return 0, err
	}
	if arrived == 0 { // too short a time for this server: what counts is how long the first ones took
		arrived, elapsed = s.receivers.arrived.Load()-first, time.Since(begin)
	}
	return float64(arrived) / elapsed.Seconds(), nil
}

// trickle sends events at a rate that does not wait for anything.
func (s source) trickle(ctx context.Context, o options, length time.Duration, perSecond float64) error {
	sent, first := s.receivers.events.sent.Load(), s.receivers.arrived.Load()
	due := make(chan time.Time, 100_000)
	go func() {
		defer close(due)
		begin := time.Now()
		for n := 0; ctx.Err() == nil; n++ {
			at := time.Duration(float64(n) / perSecond * float64(time.Second))
			if at > length {
				return
			}
			rest(ctx, at-time.Since(begin))
			due <- begin.Add(at)
		}
	}()
	if err := s.send(ctx, o.connections, due); err != nil {
		return err
	}
	return s.receivers.await(ctx, first+(s.receivers.events.sent.Load()-sent)*int64(s.fanOut))
}

// send makes an event for everything that is due.
func (s source) send(ctx context.Context, connections int, due <-chan time.Time) error {
	var sending sync.WaitGroup
	errs := make([]error, connections)
	for i := range errs {
		conn, err := beside.Open(ctx, s.server.Addr)
		if err != nil {
			errs[i] = err
			break
		}
		sending.Go(func() {
			defer conn.Close()
			request := bytes.Clone(s.request)
			name := bytes.Index(request, []byte(eventName))
			for at := range due {
				copy(request[name:], s.receivers.events.next(at))
				if err := conn.Exchange(request); err != nil && errs[i] == nil {
					errs[i] = err
				}
			}
		})
	}
	sending.Wait()
	for range due { // if nobody was left to take it
	}
	return firstError(errs)
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refusing is how many receivers what waits is meant for.
const refusing = 10

// pileUp makes deliveries to receivers that refuse them for now, until as many wait as are asked for.
func pileUp(ctx context.Context, o options, i beside.Installation, server *beside.Process) error {
	closed, err := listen(ctx, refusing, refused, &events{})
	if err != nil {
		return err
	}
	defer closed.close()
	a, err := i.Login(ctx, server)
	if err != nil {
		return err
	}
	s, err := newSource(ctx, a, server, "waiting", closed, refusing)
	if err != nil {
		return err
	}
	due := make(chan time.Time, o.waiting)
	for range o.waiting / refusing {
		due <- time.Now()
	}
	close(due)
	if err := s.send(ctx, o.connections, due); err != nil {
		return err
	}
	for calls := int64(-1); calls != closed.arrived.Load() && ctx.Err() == nil; { // until it gives up calling
		calls = closed.arrived.Load()
		rest(ctx, 3*time.Second)
	}
	return ctx.Err()
}
