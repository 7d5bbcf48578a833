package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/outbound"
)

// livingServer is a running Rocket.Chat that integrations are read from.
type livingServer struct {
	URL      rootURL `name:"url" help:"Check the integrations of the Rocket.Chat at this URL."`
	UserID   string  `name:"user-id" env:"ROCKETCHAT_USER_ID" help:"With --url: the id of the user who reads."`
	Token    string  `name:"token" env:"ROCKETCHAT_TOKEN" help:"With --url: that user's personal access token or login token. Prefer the variable: other users of the machine can read a flag."`
	Insecure bool    `name:"insecure" help:"With --url: accept any certificate."`
}

// Validate asks for a login where there is a URL.
func (s *livingServer) Validate() error {
	if s.URL != "" && (s.UserID == "" || s.Token == "") {
		return errors.New("--url: name who reads with --user-id and --token, or ROCKETCHAT_USER_ID and ROCKETCHAT_TOKEN")
	}
	return nil
}

const (
	pageSize     = 100
	largestPage  = 128 << 20 // a hundred scripts of the largest size, and room
	mostPages    = 1000
	longestPause = 90 * time.Second // that a server may ask for between two requests
	mostPauses   = 20
)

// foundIntegration is one of the server's, as it tells of it.
type foundIntegration struct {
	ID            string   `json:"_id"`
	Type          string   `json:"type"`
	Name          string   `json:"name"`
	Enabled       bool     `json:"enabled"`
	ScriptEnabled bool     `json:"scriptEnabled"`
	Script        *string  `json:"script"`
	SkipTranspile bool     `json:"skipTranspile"`
	URLs          []string `json:"urls"`
}

// reader reads a server's integrations. It sends GET requests and nothing else.
type reader struct {
	livingServer
	client *outbound.Client
	pauses int
}

func (s *livingServer) reader() (*reader, error) {
	at, err := url.Parse(string(s.URL))
	if err != nil {
		return nil, usage(err)
	}
	own, err := outbound.ParseAllow(at.Hostname()) // whoever names it means it, private or not
	if err != nil {
		return nil, usage(err)
	}
	client := outbound.New(outbound.Config{Allow: own, MaxBody: largestPage, Timeout: time.Minute})
	return &reader{livingServer: *s, client: client}, nil
}

// all reads page by page. Servers whose list leaves scripts out are asked for each.
func (r *reader) all(ctx context.Context) ([]foundIntegration, error) {
	var found []foundIntegration
	for range mostPages {
		var page struct {
			Integrations []foundIntegration `json:"integrations"`
			Total        int                `json:"total"`
		}
		query := url.Values{"count": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(len(found))}, "sort": {`{"_id":1}`}}
		if err := r.get(ctx, "integrations.list", query, &page); err != nil {
			return nil, err
		}
		found = append(found, page.Integrations...)
		if len(page.Integrations) == 0 || len(found) >= page.Total {
			break
		}
	}
	for n := range found {
		if found[n].Script == nil && found[n].ScriptEnabled {
			if err := r.one(ctx, &found[n]); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (r *reader) one(ctx context.Context, i *foundIntegration) error {
	var answer struct {
		Integration foundIntegration `json:"integration"`
	}
	err := r.get(ctx, "integrations.get", url.Values{"integrationId": {i.ID}}, &answer)
	i.Script = answer.Integration.Script
	return err
}

// get makes one request, and makes it again after the pause that a busy server asks for.
func (r *reader) get(ctx context.Context, method string, query url.Values, into any) error {
	for {
		resp, err := r.client.Do(ctx, outbound.Request{
			Method: http.MethodGet, URL: string(r.URL) + "/api/v1/" + method + "?" + query.Encode(),
			Header:        http.Header{"X-User-Id": {r.UserID}, "X-Auth-Token": {r.Token}, "Accept": {"application/json"}},
			SecretHeaders: []string{"X-User-Id", "X-Auth-Token"},
			InsecureTLS:   r.Insecure,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", r.URL, err)
		}
		if resp.Status == http.StatusTooManyRequests && r.pauses < mostPauses {
			r.pauses++
			if err := pause(ctx, wanted(resp.Header, time.Now())); err != nil {
				return err
			}
			continue
		}
		if resp.Status != http.StatusOK {
			return fmt.Errorf("%s answered %s with %d%s", r.URL, method, resp.Status, reason(resp))
		}
		if err := json.Unmarshal(resp.Body, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return fmt.Errorf("%s answered %s with what is no list of integrations: is it a Rocket.Chat?", r.URL, method)
		}
		return nil
	}
}

// wanted is how long a busy server asks to wait.
func wanted(header http.Header, now time.Time) time.Duration {
	wait := longestPause
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		wait = time.UnixMilli(at).Sub(now)
	}
	return min(max(wait, 0), longestPause)
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reason is the server's own word for a refusal, with what it likely means.
func reason(resp *outbound.Response) string {
	var refusal struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(resp.Body, &refusal, json.RejectUnknownMembers(false)) // what is no JSON has no reason
	text := refusal.Error
	if text == "" {
		text = refusal.Message
	}
	if text != "" {
		text = ": " + strings.TrimSpace(printable(text))
	}
	switch resp.Status {
	case http.StatusUnauthorized:
		return text + " (the user id or the token is wrong, or the token has expired)"
	case http.StatusForbidden:
		return text + " (the user needs permissions to manage integrations)"
	case http.StatusNotFound:
		return text + " (is this the URL of a Rocket.Chat?)"
	}
	return text
}
