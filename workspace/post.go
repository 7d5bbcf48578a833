package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Draft is a message to post, in one room or several.
type Draft struct {
	Author User
	// Targets name the rooms: #room (id or name; an author who is not in a channel joins it),
	// @user (id or username; the direct room is made where it does not exist), or a bare room id,
	// room name or user id.
	Targets []string
	// Separate posts to each room on its own. Otherwise one refusal means that nothing is posted.
	Separate    bool
	ID          string // empty: a new one
	Text        string
	Alias       string
	Avatar      string
	Emoji       string
	Attachments []byte
	Groupable   *bool
	ParseURLs   bool
	ThreadID    string
	InRoom      bool
	Custom      []byte
	Bot         []byte
	Causes      []string
	Trace       string // traceparent of what led to it; empty: none
	Relayed     bool   // another chat server told of it
}

// Posted is what became of a draft in one room.
type Posted struct {
	Target  string
	Room    Room
	Message Message
	Err     error // only of a draft that is posted separately
}

// Post checks every target first and then stores all messages, with the effects that they have,
// at once.
func (s *Service) Post(ctx context.Context, d Draft) ([]Posted, error) {
	if err := d.bounded(); err != nil {
		return nil, err
	}
	posted, err := s.targets(ctx, d)
	if err != nil {
		return nil, err
	}
	var messages []Message
	var effects []Effect
	for n := range posted {
		p := &posted[n]
		if p.Err != nil {
			continue
		}
		if p.Message, err = s.draw(ctx, p.Room, d); err != nil {
			return nil, err
		}
		planned, err := s.dispatcher.Plan(ctx, Event{
			Kind: SendMessage, At: p.Message.At, User: d.Author, Room: p.Room, Message: p.Message,
			Causes: d.Causes, Trace: d.Trace, Relayed: d.Relayed,
		})
		if err != nil {
			return nil, fmt.Errorf("plan effects: %w", err)
		}
		messages, effects = append(messages, p.Message), append(effects, planned...)
	}
	if len(messages) == 0 {
		return posted, nil
	}
	if err := s.store.AddMessages(ctx, messages, effects); err != nil {
		return nil, fmt.Errorf("store messages: %w", err)
	}
	return posted, nil
}

// targets answers the room of each target, each target once. Of a draft that is posted separately
// a refusal stays with its target.
func (s *Service) targets(ctx context.Context, d Draft) ([]Posted, error) {
	var posted []Posted
	seen := map[string]bool{}
	for _, target := range d.Targets {
		if seen[target] {
			continue
		}
		seen[target] = true
		room, err := s.target(ctx, d, target)
		if err == nil {
			err = s.mayPost(ctx, d.Author, room, d.Text)
		}
		if err != nil && (!d.Separate || !isRefusal(err)) {
			return nil, err
		}
		posted = append(posted, Posted{Target: target, Room: room, Err: err})
	}
	return posted, nil
}

// isRefusal tells a rule about a room from a failure of the server.
func isRefusal(err error) bool {
	for _, rule := range []error{ErrNotAllowed, ErrUnknownChannel, ErrArchived, ErrBlocked, ErrReadOnly, ErrMuted, ErrMessageTooLong} {
		if errors.Is(err, rule) {
			return true
		}
	}
	return false
}

// PostAs posts a message that a client wrote. Only holders of message-impersonate may write under
// another name or picture.
func (s *Service) PostAs(ctx context.Context, d Draft) ([]Posted, error) {
	if (d.Alias != "" || d.Avatar != "") && !s.Can(d.Author, permissions.MessageImpersonate) {
		return nil, ErrCannotImpersonate
	}
	return s.Post(ctx, d)
}

// target answers the room that a target of a draft names.
func (s *Service) target(ctx context.Context, d Draft, target string) (Room, error) {
	u := d.Author
	if target == "" {
		return Room{}, ErrUnknownChannel
	}
	switch name := target[1:]; target[0] {
	case '#':
		room, err := s.RoomByIDOrName(ctx, name)
		return s.entered(ctx, d, room, err)
	case '@':
		other, err := s.UserByIDOrName(ctx, name)
		return s.directWith(ctx, u, other, err)
	}
	room, err := s.RoomByIDOrName(ctx, target)
	if errors.Is(err, ErrNotFound) {
		other, err := s.User(ctx, target)
		return s.directWith(ctx, u, other, err)
	}
	return s.entered(ctx, d, room, err)
}

// entered lets a draft's author who may see the channel that was found join it. What led to the draft
// led to that, too.
func (s *Service) entered(ctx context.Context, d Draft, room Room, err error) (Room, error) {
	switch {
	case errors.Is(err, ErrNotFound):
		return Room{}, ErrUnknownChannel
	case err != nil:
		return Room{}, fmt.Errorf("read room: %w", err)
	case room.Type != Channel || room.Archived: // nobody joins an archived one
		return room, nil
	}
	sub, err := s.access(ctx, d.Author, room)
	if err == nil && sub.ID == "" {
		err = s.join(ctx, entrance{room: room, by: d.Author, users: []User{d.Author}, causes: d.Causes, trace: d.Trace, relayed: d.Relayed})
	}
	return room, err
}

// directWith answers the direct room with a user who was found.
func (s *Service) directWith(ctx context.Context, u, other User, err error) (Room, error) {
	switch {
	case errors.Is(err, ErrNotFound):
		return Room{}, ErrUnknownChannel
	case err != nil:
		return Room{}, fmt.Errorf("read user: %w", err)
	case other.ID == u.ID:
		return s.direct(ctx, u, []User{u})
	default:
		return s.direct(ctx, u, []User{u, other})
	}
}

// mayPost refuses who may not write in the room, and texts that are too long.
func (s *Service) mayPost(ctx context.Context, u User, room Room, text string) error {
	sub, err := s.access(ctx, u, room)
	switch {
	case err != nil:
		return err
	case room.Archived:
		return ErrArchived
	case sub.Blocked:
		return ErrBlocked
	case room.ReadOnly && !s.canIn(u, sub, permissions.PostReadOnly):
		return ErrReadOnly
	case slices.Contains(room.Muted, u.Username):
		return ErrMuted
	default:
		return s.checkLength(text)
	}
}

func (s *Service) checkLength(text string) error {
	limit := s.Settings().Int("Message_MaxAllowedSize")
	if len(text) > limit && Length(text) > limit { // no text has more UTF-16 units than bytes
		return ErrMessageTooLong
	}
	return nil
}

// draw makes the draft's message in one room. Threads are not nested: a reply to a reply stands in the
// same thread. What is replied to need not be there any more.
func (s *Service) draw(ctx context.Context, room Room, d Draft) (Message, error) {
	m := newMessage(room, d)
	if d.ThreadID == "" {
		return m, nil
	}
	parent, err := s.store.Message(ctx, d.ThreadID)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return Message{}, fmt.Errorf("read message replied to: %w", err)
	case parent.RoomID == room.ID && parent.ThreadID != "":
		m.ThreadID = parent.ThreadID
	}
	return m, nil
}

// newMessage is the draft's message in one room.
func newMessage(room Room, d Draft) Message {
	at := now()
	m := Message{
		ID: d.ID, RoomID: room.ID, Author: d.Author.Ref(), Text: d.Text, At: at, UpdatedAt: at, Alias: d.Alias,
		Avatar: d.Avatar, Emoji: d.Emoji, Attachments: d.Attachments, Groupable: d.Groupable, ParseURLs: d.ParseURLs,
		ThreadID: d.ThreadID, InRoom: d.InRoom, Custom: d.Custom, Bot: d.Bot, Causes: d.Causes,
	}
	if m.ID == "" {
		m.ID = NewIDAt(at)
	}
	return m
}
