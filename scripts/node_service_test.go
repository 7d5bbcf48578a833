package scripts_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/grapnel-chat/grapnel/outbound"
)

// service answers the calls of a case's script from answers.json, as the server of tools/cases does,
// and remembers them. There is none where a case has no answers.
type service struct {
	answers []struct {
		Method, URL, Body string
		Status            int
		Headers           map[string]string
	}

	mu   sync.Mutex
	made []string
}

func newService(t *testing.T, answers string) *service {
	t.Helper()
	if answers == "" {
		return nil
	}
	s := &service{}
	if err := json.Unmarshal([]byte(answers), &s.answers); err != nil {
		t.Fatalf("answers.json: %v", err)
	}
	return s
}

// Do implements scripts.Caller.
func (s *service) Do(_ context.Context, r outbound.Request) (*outbound.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, told(r))
	for _, a := range s.answers {
		if a.URL != r.URL || (a.Method != r.Method && (a.Method != "" || r.Method != http.MethodGet)) {
			continue
		}
		response := &outbound.Response{Status: a.Status, Header: http.Header{}, Body: []byte(a.Body), URL: r.URL}
		if a.Status == 0 {
			response.Status = http.StatusOK
		}
		for name, value := range a.Headers {
			response.Header.Set(name, value)
		}
		return response, nil
	}
	return nil, errors.New("connection refused")
}

// told is a call as a case shows it: of its headers those that the script has a hand in.
func told(r outbound.Request) string {
	var own []string
	for name := range r.Header {
		if strings.HasPrefix(name, "X-") {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	shown := []string{r.Method + " " + r.URL}
	for _, name := range append([]string{"Authorization", "Content-Type"}, own...) {
		if value := r.Header.Get(textproto.CanonicalMIMEHeaderKey(name)); value != "" {
			shown = append(shown, strings.ToLower(name)+": "+value)
		}
	}
	if len(r.Body) > 0 {
		shown = append(shown, string(r.Body))
	}
	return strings.Join(shown, " | ")
}

// calls are those since it was last asked. Scripts may make them side by side, so they are sorted.
func (s *service) calls() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made := sorted(strings.Join(s.made, "\n"))
	s.made = nil
	return made
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
