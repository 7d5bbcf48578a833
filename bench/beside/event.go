package beside

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// EventName is the text of the message that an event leads to.
func EventName(n int) string { return fmt.Sprintf("event %07d", n) }

// isEvent tells events from notices, such as of a new member.
func isEvent(text string) bool { return strings.HasPrefix(text, "event ") }

// StoredEvents counts the messages of a room by their event, page after page.
func StoredEvents(ctx context.Context, server *Process, admin http.Header, roomID string) (map[string]int, error) {
	stored := map[string]int{}
	for offset := 0; ; {
		path := fmt.Sprintf("/api/v1/channels.messages?roomId=%s&count=100&offset=%d", roomID, offset)
		answer, err := server.Fetch(ctx, http.MethodGet, path, admin.Clone(), nil)
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
			if isEvent(m.Msg) {
				stored[m.Msg]++
			}
		}
		offset += len(list.Messages)
		if offset >= list.Total || len(list.Messages) == 0 {
			return stored, nil
		}
	}
}
