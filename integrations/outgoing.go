package integrations

import (
	"context"
	"math"
	"strings"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	defaultRetryCount = 4
	defaultRetryDelay = "powers-of-ten"
)

// checkedOutgoing is what the rules for outgoing integrations make of a request.
type checkedOutgoing struct {
	event    workspace.EventKind
	poster   workspace.User
	channels []string // empty where the event has none
	urls     []string
}

func (c checkedOutgoing) apply(i *Integration) {
	i.Event, i.Channels, i.URLs = c.event, c.channels, c.urls
	i.Username, i.UserID = c.poster.Username, c.poster.ID
}

// checkOutgoing applies the rules for an outgoing integration, in upstream's order.
func (s *Service) checkOutgoing(ctx context.Context, caller workspace.User, f Fields) (checkedOutgoing, error) {
	c := checkedOutgoing{event: workspace.EventKind(f.Event), channels: []string{}, urls: withoutBlanks(list(f.URLs))}
	use, known := eventUses[c.event]
	switch {
	case !known:
		return c, refuse(CheckOutgoing, ErrEvent)
	case blank(text(f.Username.Value)):
		return c, refuse(CheckOutgoing, ErrUsernameBlank)
	case use.targetRoom && blank(text(f.TargetRoom.Value)):
		return c, refuse(CheckOutgoing, ErrTargetRoom)
	case len(c.urls) == 0:
		return c, refuse(CheckOutgoing, ErrURLs)
	}
	if use.channels {
		channels, err := outgoingChannels(f)
		if err != nil {
			return c, refuse(CheckOutgoing, err)
		}
		c.channels = channels
	} else if !s.Chat.Can(caller, permissions.ManageOutgoing) {
		return c, refuse(CheckOutgoing, ErrEventPermission)
	}
	poster, err := s.poster(ctx, CheckOutgoing, *f.Username.Value)
	if err != nil {
		return c, err
	}
	c.poster = poster
	return c, s.checkOutgoingRooms(ctx, caller, c.channels)
}

// outgoingChannels answers the channels, none of which means all public channels. A channel of
// spaces alone counts as left out, as upstream has it.
func outgoingChannels(f Fields) ([]string, error) {
	if f.Channel == "" {
		return []string{}, nil
	}
	if blank(f.Channel) {
		return nil, ErrChannelMissing
	}
	channels := f.channels()
	for _, channel := range channels {
		if !startsAsRoom(channel) && !isScopedName(strings.ToLower(channel)) {
			return nil, ErrChannelStart
		}
	}
	return channels, nil
}

func (s *Service) checkOutgoingRooms(ctx context.Context, caller workspace.User, channels []string) error {
	for _, channel := range channels {
		if isScopedName(channel) {
			if channel != AllPublicChannels && !s.Chat.Can(caller, permissions.ManageOutgoing) {
				return refuse(CheckOutgoing, ErrScopedChannel)
			}
			continue
		}
		if err := s.checkRooms(ctx, CheckOutgoing, caller, Outgoing, []string{channel}); err != nil {
			return err
		}
	}
	return nil
}

// applyOutgoing sets the members that only outgoing integrations have. What was not sent stays as
// it is.
func applyOutgoing(i *Integration, f Fields) {
	i.Token = f.Token.or(i.Token)
	i.TargetRoom = f.TargetRoom.or(i.TargetRoom)
	i.TriggerWordAnywhere = f.TriggerWordAnywhere.or(i.TriggerWordAnywhere)
	i.ImpersonateUser = f.ImpersonateUser.or(i.ImpersonateUser)
	i.RunOnEdits = f.RunOnEdits.or(i.RunOnEdits)
	i.RetryFailedCalls = f.RetryFailedCalls.or(i.RetryFailedCalls)
	if eventUses[i.Event].triggerWords && f.TriggerWords.Sent {
		i.TriggerWords = nil
		if f.TriggerWords.Value != nil {
			i.TriggerWords = withoutBlanks(*f.TriggerWords.Value)
		}
	}
	i.RetryDelay = f.RetryDelay.or(i.RetryDelay)
	if f.RetryCount.Sent {
		i.RetryCount = nil
		if v := f.RetryCount.Value; v != nil {
			i.RetryCount = new(wholeNumber(*v))
		}
	}
	if yes(f.RetryFailedCalls.Value) {
		i.RetryCount, i.RetryDelay = retryRule(f)
	}
}

// retryRule answers how often and how soon a failed call is tried again.
func retryRule(f Fields) (count *int, delay *string) {
	n, name := defaultRetryCount, defaultRetryDelay
	if v := f.RetryCount.Value; v != nil && *v >= 1 {
		n = wholeNumber(*v)
	}
	if v := text(f.RetryDelay.Value); !blank(v) {
		name = strings.ToLower(v)
	}
	return &n, &name
}

// wholeNumber cuts a JSON number to an int that any platform holds.
func wholeNumber(n float64) int { return int(max(min(n, math.MaxInt32), math.MinInt32)) }

// checkToken asks for a token on update; create keeps one as it is sent, or none.
func checkToken(f Fields) error {
	if blank(text(f.Token.Value)) {
		return refuse(UpdateOutgoing, ErrTokenBlank)
	}
	return nil
}
