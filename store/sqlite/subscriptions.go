package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// subscriptionDoc is a subscription as a document. Its members are those of workspace.Subscription.
type subscriptionDoc struct {
	ID        string    `json:"_id,omitzero"`
	RoomID    string    `json:"roomId,omitzero"`
	UserID    string    `json:"userId,omitzero"`
	Roles     []string  `json:"roles,omitzero"`
	Blocked   bool      `json:"blocked,omitzero"`
	CreatedAt time.Time `json:"_createdAt,omitzero"`
}

func decodeSubscription(text []byte) (workspace.Subscription, error) {
	var doc subscriptionDoc
	if err := decode(text, &doc); err != nil {
		return workspace.Subscription{}, fmt.Errorf("decode subscription: %w", err)
	}
	return workspace.Subscription(doc), nil
}

// Join implements workspace.RoomStore.
func (s *Store) Join(ctx context.Context, joins []workspace.Join) error {
	return s.write(ctx, "join", func(t *tx) error {
		t.onCommit(s.records.subscriptions.forget)
		for _, j := range joins {
			isNew, err := insertSubscription(t, j.Subscription)
			if err == nil && isNew {
				err = addNotices(t, j.Notices)
			}
			if err == nil && isNew {
				err = s.addEffects(t, j.Effects)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) subscribe(t *tx, subs []workspace.Subscription) error {
	t.onCommit(s.records.subscriptions.forget)
	for _, sub := range subs {
		if _, err := insertSubscription(t, sub); err != nil {
			return err
		}
	}
	return nil
}

func insertSubscription(t *tx, sub workspace.Subscription) (isNew bool, err error) {
	doc, err := encode(subscriptionDoc(sub))
	if err != nil {
		return false, err
	}
	n, err := t.exec(`INSERT INTO subscriptions (room_id, user_id, doc) VALUES (?, ?, ?)
		ON CONFLICT (room_id, user_id) DO NOTHING`, sub.RoomID, sub.UserID, doc)
	return n > 0, err
}

// Leave implements workspace.RoomStore.
func (s *Store) Leave(ctx context.Context, roomID, userID string, effects []workspace.Effect, notices ...workspace.Message) error {
	return s.write(ctx, "leave", func(t *tx) error {
		t.onCommit(s.records.subscriptions.forget)
		n, err := t.exec("DELETE FROM subscriptions WHERE room_id = ? AND user_id = ?", roomID, userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return workspace.ErrNotFound
		}
		if err := addNotices(t, notices); err != nil {
			return err
		}
		return s.addEffects(t, effects)
	})
}

const selectSubscription = "SELECT doc FROM subscriptions WHERE room_id = ? AND user_id = ?"

// Subscription implements workspace.RoomStore.
func (s *Store) Subscription(ctx context.Context, roomID, userID string) (workspace.Subscription, error) {
	return s.records.subscriptions.find(roomID+"\x00"+userID, func() (workspace.Subscription, error) {
		var text []byte
		if err := s.reads.one(ctx, selectSubscription, []any{roomID, userID}, &text); err != nil {
			return workspace.Subscription{}, fmt.Errorf("read subscription: %w", err)
		}
		return decodeSubscription(text)
	})
}

// AddRoomRole implements workspace.RoomStore.
func (s *Store) AddRoomRole(ctx context.Context, roomID, userID, role string) error {
	return s.changeRoomRoles(ctx, roomID, userID, func(roles []string) []string {
		if slices.Contains(roles, role) {
			return roles
		}
		return append(roles, role)
	})
}

// RemoveRoomRole implements workspace.RoomStore.
func (s *Store) RemoveRoomRole(ctx context.Context, roomID, userID, role string) error {
	return s.changeRoomRoles(ctx, roomID, userID, func(roles []string) []string {
		return slices.DeleteFunc(roles, func(r string) bool { return r == role })
	})
}

func (s *Store) changeRoomRoles(ctx context.Context, roomID, userID string, change func([]string) []string) error {
	return s.write(ctx, "change roles in a room", func(t *tx) error {
		t.onCommit(s.records.subscriptions.forget)
		var text []byte
		if err := t.one(selectSubscription, []any{roomID, userID}, &text); err != nil {
			return err
		}
		sub, err := decodeSubscription(text)
		if err != nil {
			return err
		}
		sub.Roles = change(sub.Roles)
		doc, err := encode(subscriptionDoc(sub))
		if err != nil {
			return err
		}
		_, err = t.exec("UPDATE subscriptions SET doc = ? WHERE room_id = ? AND user_id = ?", doc, roomID, userID)
		return err
	})
}

// Members implements workspace.RoomStore.
func (s *Store) Members(ctx context.Context, roomID, filter string, page workspace.Page) ([]workspace.User, int, error) {
	l := list{
		columns: "doc",
		from:    "FROM users WHERE id IN (SELECT user_id FROM subscriptions WHERE room_id = ?)",
		args:    []any{roomID},
		fields:  userFields,
		order:   []workspace.Order{{Field: "username"}},
		seq:     "seq",
	}
	if filter != "" {
		l.andUser(filter)
	}
	return s.userPage(ctx, l, page)
}
