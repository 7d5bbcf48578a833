package integrations

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/grapnel-chat/grapnel/workspace"
)

// tell writes a direct message to the integration's creator and the administrators. Each gets the
// notice of a name once, however often it is told. No integration that it is about runs for it. What a
// rule forbids to tell would be forbidden later, too, so that is logged and no error.
func (s *Service) tell(ctx context.Context, i Integration, notice, text string) error {
	bot, err := s.Chat.User(ctx, workspace.BotID)
	if errors.Is(err, workspace.ErrNotFound) {
		s.Logger.WarnContext(ctx, "nobody is told of an outage, as there is no user to tell it", "integration_id", i.ID, "user_id", workspace.BotID)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read who tells: %w", err)
	}
	people, err := s.concerned(ctx, i)
	if err != nil {
		return err
	}
	var failures []error
	for _, u := range people {
		_, err := s.Chat.Post(ctx, workspace.Draft{
			Author: bot, Targets: []string{"@" + u.Username}, ID: idOf(notice, u.ID), Text: text, Causes: []string{i.ID},
		})
		switch {
		case err == nil, errors.Is(err, workspace.ErrConflict):
		case errors.Is(err, workspace.ErrFull), errors.Is(err, workspace.ErrUnavailable), ctx.Err() != nil:
			failures = append(failures, fmt.Errorf("tell %s: %w", u.Username, err))
		default:
			s.Logger.WarnContext(ctx, "somebody was not told of an outage", "integration_id", i.ID, "user_id", u.ID, "error", err)
		}
	}
	return errors.Join(failures...)
}

// concerned answers who has to hear of an integration's trouble, each once.
func (s *Service) concerned(ctx context.Context, i Integration) ([]workspace.User, error) {
	people, err := s.Chat.Administrators(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range people {
		if u.ID == i.CreatedBy.ID {
			return people, nil
		}
	}
	creator, err := s.Chat.User(ctx, i.CreatedBy.ID)
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return people, nil
	case err != nil:
		return nil, fmt.Errorf("read creator: %w", err)
	case !creator.Active || creator.ID == workspace.BotID:
		return people, nil
	default:
		return append(people, creator), nil
	}
}

// noticeOf names what is told of an outage in one of its stages.
func noticeOf(o Outage, stage string) string {
	return o.Lane + " " + strconv.FormatInt(o.Since.UnixMilli(), 10) + " " + stage
}

// idOf is the message by which one person is told a notice.
func idOf(notice, userID string) string {
	sum := sha256.Sum256([]byte(notice + " " + userID))
	return hex.EncodeToString(sum[:12])
}

const momentText = "2 January 2006 15:04 UTC"

func outText(i Integration, o Outage) string {
	return fmt.Sprintf("The outgoing integration %s has had no success at %s since %s: %s. What it has to deliver waits or fails. "+
		"If none of its URLs has a success for five days, it will be disabled.", nameOf(i), hostOf(o.URL), o.Since.Format(momentText), o.LastError)
}

func disabledText(i Integration, o Outage) string {
	return fmt.Sprintf("The outgoing integration %s was disabled: for five days it had no success, the last failure at %s was: %s. "+
		"What waits for delivery is kept and goes on once the integration is enabled again.", nameOf(i), hostOf(o.URL), o.LastError)
}

func nameOf(i Integration) string { return fmt.Sprintf("%q (%s)", i.Name, i.ID) }

// hostOf leaves out what may be a token.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "its receiver"
	}
	return u.Host
}
