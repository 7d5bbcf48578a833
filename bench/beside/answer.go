package beside

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Answers are what the senders of events were told. The zero value is ready.
type Answers struct {
	mu    sync.Mutex
	acked map[string]bool
	odd   []string
}

// Note keeps an answer, and says whether it acknowledges the event. A status of 200 does, whether or
// not its body came through; zero is no answer.
func (a *Answers) Note(event string, status int, answer []byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch status {
	case 0:
		return false
	case http.StatusOK:
		if a.acked == nil {
			a.acked = map[string]bool{}
		}
		a.acked[event] = true
		return true
	default:
		a.odd = append(a.odd, fmt.Sprintf("%s: %d %.200s", event, status, answer))
		return false
	}
}

// Acknowledged counts the events that were answered with 200.
func (a *Answers) Acknowledged() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.acked)
}

// All are the events that were answered with 200, and the answers that a server must not give.
func (a *Answers) All() (acked map[string]bool, odd []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.acked), slices.Clone(a.odd)
}
