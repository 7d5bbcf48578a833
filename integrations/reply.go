package integrations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/workspace"
)

// ErrNoRoom says that a reply names no room, and neither its integration nor its event does.
var ErrNoRoom = errors.New("no room to post the reply in")

// Reply posts a message that a delivery led to. It appears in the room that it names, else in the
// integration's target room, else where the event happened; its author is the integration's user
// or, with impersonateUser, whoever caused the event.
func (s *Service) Reply(ctx context.Context, i Integration, d Delivery, message []byte) ([]Sent, error) {
	content, err := workspace.ReadContent(message)
	if err != nil {
		return nil, err
	}
	author, err := s.replyAuthor(ctx, i, d)
	if err != nil {
		return nil, fmt.Errorf("read author of the reply: %w", err)
	}
	or := defaults(i)
	or.Targets = nil
	if room := cmp.Or(text(i.TargetRoom), d.Plan.RoomID); room != "" {
		or.Targets = []string{room}
	}
	draft := content.Draft(author, or)
	if len(draft.Targets) == 0 {
		return nil, ErrNoRoom
	}
	draft.Separate = false
	draft.Bot = botMark(i)
	draft.Trace = d.Plan.Trace
	draft.Causes = append(slices.Clone(d.Plan.Causes), i.ID)
	posted, err := s.Chat.Post(ctx, draft)
	if err != nil {
		return nil, err
	}
	sent := make([]Sent, 0, len(posted))
	for _, p := range posted {
		sent = append(sent, Sent{Channel: p.Target, RoomID: p.Room.ID, MessageID: p.Message.ID, Text: p.Message.Text})
	}
	return sent, nil
}

func (s *Service) replyAuthor(ctx context.Context, i Integration, d Delivery) (workspace.User, error) {
	if yes(i.ImpersonateUser) && d.Plan.UserID != "" {
		return s.Chat.User(ctx, d.Plan.UserID)
	}
	return s.Chat.UserByUsername(ctx, i.Username)
}
