package beside

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"
)

// Way is how an event gets into a server.
type Way struct {
	path   string
	header http.Header
	rest   map[string]string // of the document, beside the text
}

// ByHook is by an incoming integration.
func ByHook(h Hook) Way { return Way{path: h.Path(), header: http.Header{}} }

// ByMessage is by a message in #general.
func ByMessage(a Admin) Way {
	return Way{path: "/api/v1/chat.postMessage", header: a.Header(), rest: map[string]string{"channel": "#general"}}
}

// EventClient is a client for so many senders at once.
func EventClient(atOnce int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}, Timeout: time.Minute}
}

// Send sends an event. A status other than zero is an answer, also where an error says that its body
// did not come through.
func (w Way) Send(ctx context.Context, client *http.Client, addr, event string) (status int, answer []byte, err error) {
	document := map[string]string{"text": event}
	maps.Copy(document, w.rest)
	body, err := json.Marshal(document)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+w.path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = w.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}
