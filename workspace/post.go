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
	Custom      []byte
	Bot         []byte
	Causes      []string
}

// Posted is what became of a draft in one room.
type Posted struct {
	Target  string
	Room    Room
	Message Message
	Err     error // only of a draft that is posted separately
}

// Post checks every target first and then stores the messages, each together with the effects
// that it has.
func (s *Service) Post(ctx context.Context, d Draft) ([]Posted, error) {
	var posted []Posted
	for _, target := range dedupe(d.Targets) {
		room, err := s.target(ctx, d.Author, target)
		if err == nil {
			err = s.mayPost(ctx, d.Author, room, d.Text)
		}
		if err != nil && !d.Separate {
			return nil, err
		}
		posted = append(posted, Posted{Target: target, Room: room, Err: err})
	}
	for i := range posted {
		p := &posted[i]
		if p.Err != nil {
			continue
		}
		p.Message, p.Err = s.send(ctx, p.Room, d)
		if p.Err != nil && !d.Separate {
			return nil, p.Err
		}
	}
	return posted, nil
}

// PostAs posts a message that a client wrote. Only holders of message-impersonate may write under
// another name or picture.
func (s *Service) PostAs(ctx context.Context, d Draft) ([]Posted, error) {
	if (d.Alias != "" || d.Avatar != "") && !s.Can(d.Author, permissions.MessageImpersonate) {
		return nil, ErrCannotImpersonate
	}
	return s.Post(ctx, d)
}

func dedupe(targets []string) []string {
	var seen []string
	for _, t := range targets {
		if !slices.Contains(seen, t) {
			seen = append(seen, t)
		}
	}
	return seen
}

// target answers the room that a target names.
func (s *Service) target(ctx context.Context, u User, target string) (Room, error) {
	if target == "" {
		return Room{}, ErrUnknownChannel
	}
	switch name := target[1:]; target[0] {
	case '#':
		room, err := s.RoomByIDOrName(ctx, name)
		return s.entered(ctx, u, room, err)
	case '@':
		other, err := s.UserByIDOrName(ctx, name)
		return s.directWith(ctx, u, other, err)
	}
	room, err := s.RoomByIDOrName(ctx, target)
	if errors.Is(err, ErrNotFound) {
		other, err := s.User(ctx, target)
		return s.directWith(ctx, u, other, err)
	}
	return s.entered(ctx, u, room, err)
}

// entered lets the user join a channel that was found.
func (s *Service) entered(ctx context.Context, u User, room Room, err error) (Room, error) {
	switch {
	case errors.Is(err, ErrNotFound):
		return Room{}, ErrUnknownChannel
	case err != nil:
		return Room{}, fmt.Errorf("read room: %w", err)
	case room.Type != Channel:
		return room, nil
	}
	in, err := s.Subscribed(ctx, u, room.ID)
	if err == nil && !in {
		err = s.subscribe(ctx, room, u)
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
	limit := s.settings.Int("Message_MaxAllowedSize")
	if len(text) > limit && Length(text) > limit { // no text has more UTF-16 units than bytes
		return ErrMessageTooLong
	}
	return nil
}

// send stores one message in one room.
func (s *Service) send(ctx context.Context, room Room, d Draft) (Message, error) {
	at := now()
	m := Message{
		ID: d.ID, RoomID: room.ID, Author: d.Author.Ref(), Text: d.Text, At: at, UpdatedAt: at, Alias: d.Alias,
		Avatar: d.Avatar, Emoji: d.Emoji, Attachments: d.Attachments, Groupable: d.Groupable, ParseURLs: d.ParseURLs,
		ThreadID: d.ThreadID, Custom: d.Custom, Bot: d.Bot, Causes: d.Causes,
	}
	if m.ID == "" {
		m.ID = NewID()
	}
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: SendMessage, At: at, User: d.Author, Room: room, Message: m})
	if err != nil {
		return Message{}, fmt.Errorf("plan effects: %w", err)
	}
	if err := s.store.AddMessage(ctx, m, effects); err != nil {
		return Message{}, fmt.Errorf("store message: %w", err)
	}
	return m, nil
}
