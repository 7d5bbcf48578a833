package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"
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
	load.Go(func() { s.run(sending, o.senders) })
	defer load.Wait()
	defer stop()

	random := rand.New(rand.NewPCG(o.seed, 0)) //nolint:gosec // it has to be repeatable
	until := o.quiet
	if err := reach(ctx, c, s, until); err != nil {
		return facts{}, err
	}
	receivers.endQuiet()
	for n := range o.kills {
		pause(ctx, time.Duration(random.Int64N(int64(20*time.Millisecond))))
		killed := n % o.servers
		c.kill(killed)
		until = int(s.acknowledged.Load()) + o.events/2 // the others go on
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
	pause(ctx, followBar)
	s := &senders{
		ways: []way{byHook(plain), byHook(scripted), byMessage(c.admin)}, next: c.next, acked: map[string]bool{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.senders}, Timeout: time.Minute},
	}
	s.room = func() bool {
		arrived, _ := r.count()
		return int(s.acknowledged.Load())*len(allReceivers)-arrived < o.backlog
	}
	return s, nil
}

// reach waits until so many events were acknowledged in all.
func reach(ctx context.Context, c *cluster, s *senders, until int) error {
	for int(s.acknowledged.Load()) < until && ctx.Err() == nil {
		if p := c.ended(); p != nil {
			return fmt.Errorf("a server ended by itself:\n%s", p.LastWords())
		}
		pause(ctx, time.Millisecond)
	}
	return ctx.Err()
}

// late is how long after the last delivery arrived another call is still waited for. It is more than
// a lease, after which what a killed server had claimed is made again.
const late = 140 * time.Second

// collect waits until everything has arrived and no lease is left, and collects the facts.
func collect(ctx context.Context, o options, c *cluster, s *senders, r *receivers) (facts, error) {
	stored, err := storedMessages(ctx, c)
	if err != nil {
		return facts{}, err
	}
	began := time.Now()
	for ctx.Err() == nil {
		arrived, last := r.count()
		if last.Before(began) {
			last = began
		}
		silence := time.Since(last)
		if arrived >= len(stored)*len(allReceivers) && silence > late || silence > o.patience {
			break
		}
		pause(ctx, 50*time.Millisecond)
	}
	f := facts{
		acked: s.acked, odd: s.odd, unanswered: int(s.unanswered.Load()), stored: stored, calls: r.arrivals(), kills: o.kills,
		receivers: allReceivers, recorded: map[string]int{},
	}
	for _, log := range c.logs {
		if err := f.readLog(log); err != nil {
			return f, err
		}
	}
	return f, ctx.Err()
}

// readLog counts the attempts that a server says were recorded.
func (f *facts) readLog(log string) error {
	text, err := os.ReadFile(log) //nolint:gosec // the file is ours
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Msg        string
			DeliveryID string `json:"delivery_id"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "delivery attempted" {
			f.recorded[line.DeliveryID]++
		}
	}
	return lines.Err()
}

// storedMessages reads the messages of the room, page after page.
func storedMessages(ctx context.Context, c *cluster) (map[string]int, error) {
	stored := map[string]int{}
	for offset := 0; ; {
		path := fmt.Sprintf("/api/v1/channels.messages?roomId=GENERAL&count=1000&offset=%d", offset)
		answer, err := c.at(0).Fetch(ctx, http.MethodGet, path, c.admin.Header(), nil)
		if err != nil {
			return nil, err
		}
		var list struct {
			Messages []struct{ Msg string }
			Total    int
		}
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, err
		}
		for _, m := range list.Messages {
			stored[m.Msg]++
		}
		offset += len(list.Messages)
		if offset >= list.Total || len(list.Messages) == 0 {
			return stored, nil
		}
	}
}
