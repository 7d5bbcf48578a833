package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// followedIn is how long a change took until the last of the other servers had it.
type followedIn struct {
	change string
	took   time.Duration
}

const (
	// followBar is what is promised.
	followBar = 2 * time.Second
	// followLimit is when a change counts as never seen.
	followLimit = 30 * time.Second
)

// follow makes each kind of change at one server and waits until the others have it.
func follow(ctx context.Context, c *cluster) ([]followedIn, error) {
	f := &follower{c: c}
	hook, err := c.admin.Incoming(ctx, "followed", script("one"))
	if err != nil {
		return nil, err
	}
	if err := f.everywhere(ctx, "an integration is made", 0, func(p *beside.Process) bool { return says(ctx, p, hook, "one") }); err != nil {
		return nil, err
	}
	changes := []struct {
		name  string
		where int
		make  func(p *beside.Process) error
		seen  func(p *beside.Process) bool
	}{
		{
			"its script is saved", 1,
			func(p *beside.Process) error {
				return c.send(ctx, p, http.MethodPut, "/api/v1/integrations.update", changed(hook, "two", true))
			},
			func(p *beside.Process) bool { return says(ctx, p, hook, "two") },
		},
		{
			"it is disabled", 2,
			func(p *beside.Process) error {
				return c.send(ctx, p, http.MethodPut, "/api/v1/integrations.update", changed(hook, "two", false))
			},
			func(p *beside.Process) bool { return !says(ctx, p, hook, "two") },
		},
		{
			"a setting is changed", 0,
			func(p *beside.Process) error {
				return c.send(ctx, p, http.MethodPost, "/api/v1/settings/Message_MaxAllowedSize", map[string]any{"value": 4321})
			},
			func(p *beside.Process) bool {
				answer, err := p.Fetch(ctx, http.MethodGet, "/api/v1/settings/Message_MaxAllowedSize", c.admin.Header(), nil)
				return err == nil && bytes.Contains(answer, []byte("4321"))
			},
		},
		{
			"a permission is taken away", 1,
			func(p *beside.Process) error {
				return c.send(ctx, p, http.MethodPost, "/api/v1/permissions.update", map[string]any{
					"permissions": []map[string]any{{"_id": "view-privileged-setting", "roles": []string{"owner"}}},
				})
			},
			func(p *beside.Process) bool {
				answer, err := p.Fetch(ctx, http.MethodGet, "/api/v1/settings?count=0", c.admin.Header(), nil)
				return err != nil || !bytes.Contains(answer, []byte("API_Upper_Count_Limit"))
			},
		},
	}
	for _, change := range changes {
		at := change.where % len(c.running)
		if err := change.make(c.at(at)); err != nil {
			return nil, fmt.Errorf("%s: %w", change.name, err)
		}
		if err := f.everywhere(ctx, change.name, at, change.seen); err != nil {
			return nil, err
		}
	}
	if err := f.logout(ctx); err != nil {
		return nil, err
	}
	return f.all, nil
}

type follower struct {
	c   *cluster
	all []followedIn
}

// everywhere waits until all servers have what one of them has changed just now.
func (f *follower) everywhere(ctx context.Context, change string, made int, seen func(p *beside.Process) bool) error {
	began := time.Now()
	for n := range f.c.running {
		for p := f.c.at(n); !seen(p); beside.Pause(ctx, 5*time.Millisecond) {
			if n == made || time.Since(began) > followLimit {
				return fmt.Errorf("%s at server %d: server %d does not know after %v", change, made+1, n+1, time.Since(began))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	f.all = append(f.all, followedIn{change, time.Since(began)})
	return nil
}

// logout logs in at each server, and out at another.
func (f *follower) logout(ctx context.Context) error {
	for n := range f.c.running {
		admin, err := f.c.installations[n].Login(ctx, f.c.at(n))
		if err != nil {
			return err
		}
		in := func(p *beside.Process) bool {
			_, err := p.Fetch(ctx, http.MethodGet, "/api/v1/me", admin.Header(), nil)
			return err == nil
		}
		if err := f.everywhere(ctx, fmt.Sprintf("somebody logs in at server %d", n+1), n, in); err != nil {
			return err
		}
		other := (n + 1) % len(f.c.running)
		if _, err := f.c.at(other).Fetch(ctx, http.MethodPost, "/api/v1/logout", admin.Header(), nil); err != nil {
			return err
		}
		if err := f.everywhere(ctx, fmt.Sprintf("and out at server %d", other+1), other, func(p *beside.Process) bool { return !in(p) }); err != nil {
			return err
		}
	}
	return nil
}

// script answers each call with a text, and posts nothing.
func script(text string) string {
	return `class Script { process_incoming_request() { return { error: { success: false, message: "` + text + `" } } } }`
}

func changed(hook beside.Hook, text string, enabled bool) map[string]any {
	return map[string]any{
		"integrationId": hook.ID, "type": "webhook-incoming", "name": "followed", "enabled": enabled, "username": "rocket.cat",
		"channel": "#general", "scriptEnabled": true, "script": script(text),
	}
}

// says reports whether a hook's script answers with that text. Its answer is an error, and holds it.
func says(ctx context.Context, p *beside.Process, hook beside.Hook, text string) bool {
	_, err := p.Fetch(ctx, http.MethodPost, hook.Path(), http.Header{"Content-Type": {"application/json"}}, []byte("{}"))
	return err != nil && strings.Contains(err.Error(), text)
}

// send makes a request as the administrator.
func (c *cluster) send(ctx context.Context, p *beside.Process, method, path string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = p.Fetch(ctx, method, path, c.admin.Header(), body)
	return err
}
