package storetest

import (
	"context"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var wholeTests = []test{
	{"ping", func(t *testing.T, s Store) { must(t, s.Ping(t.Context())) }},
	{"a caller who has left changes nothing", func(t *testing.T, s Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantError(t, "Ping", s.Ping(ctx), context.Canceled)
		wantError(t, "AddUser", s.AddUser(ctx, User(1), nil, nil), context.Canceled)
		wantError(t, "AddMessages", s.AddMessages(ctx, Messages(1, 1, "room1"), Effects(1, 1, "a")), context.Canceled)
		_, err := s.User(t.Context(), "user1")
		wantError(t, "User", err, workspace.ErrNotFound)
		_, err = s.Message(t.Context(), "message1")
		wantError(t, "Message", err, workspace.ErrNotFound)
		wantNoRows(t, s, "delivery1")
	}},
	{"nothing works once it is closed", func(t *testing.T, s Store) {
		must(t, s.Close())
		if s.Ping(t.Context()) == nil {
			t.Error("Ping says that a closed store works")
		}
		if s.AddUser(t.Context(), User(1), nil, nil) == nil {
			t.Error("AddUser on a closed store has no error")
		}
		if _, err := s.Message(t.Context(), "message1"); err == nil {
			t.Error("Message on a closed store has no error")
		}
		must(t, s.Close())
	}},
}
