package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/workspace"
)

// subscriptionDoc is a subscription as Rocket.Chat keeps it.
type subscriptionDoc struct {
	ID        string    `bson:"_id"`
	RoomID    string    `bson:"rid"`
	User      refDoc    `bson:"u"`
	Roles     []string  `bson:"roles,omitzero"`
	Blocked   bool      `bson:"blocked,omitzero"`
	CreatedAt time.Time `bson:"ts"`
}

func encodeSubscription(sub workspace.Subscription) subscriptionDoc {
	return subscriptionDoc{
		ID: sub.ID, RoomID: sub.RoomID, User: refDoc{ID: sub.UserID}, Roles: sub.Roles, Blocked: sub.Blocked, CreatedAt: sub.CreatedAt,
	}
}

func decodeSubscription(d subscriptionDoc) workspace.Subscription {
	return workspace.Subscription{ID: d.ID, RoomID: d.RoomID, UserID: d.User.ID, Roles: d.Roles, Blocked: d.Blocked, CreatedAt: d.CreatedAt}
}

// newSubscription is a document with what Rocket.Chat's clients expect in it besides.
func newSubscription(sub workspace.Subscription, more ...bson.E) bson.D {
	started := []bson.E{
		is("open", true), is("alert", false), is("unread", 0), is("userMentions", 0), is("groupMentions", 0),
		is("ls", sub.CreatedAt), is("_updatedAt", sub.CreatedAt),
	}
	return insertion(encodeSubscription(sub), append(started, more...)...)
}

func (s *Store) subscriptionParts(subs []workspace.Subscription) []part {
	return convert(subs, func(sub workspace.Subscription) part { return part{In: subscriptionsName, Doc: newSubscription(sub)} })
}

// Join implements workspace.RoomStore.
func (s *Store) Join(ctx context.Context, joins []workspace.Join) error {
	err := errExists
	for errors.Is(err, errExists) { // somebody else was faster: it is asked again who is missing
		err = s.joinMissing(ctx, joins)
	}
	return failed(ctx, "join", err)
}

// joinMissing adds those of the subscriptions that are missing. The first of them makes all true.
func (s *Store) joinMissing(ctx context.Context, joins []workspace.Join) error {
	var missing []workspace.Join
	for _, j := range joins {
		there, err := s.has(ctx, subscriptionsName, bson.D{is("rid", j.Subscription.RoomID), is("u._id", j.Subscription.UserID)})
		if err != nil {
			return err
		}
		if !there {
			missing = append(missing, j)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var f follower
	for n, j := range missing {
		f.rows = append(f.rows, s.newRows(j.Effects)...)
		if n > 0 {
			f.parts = append(f.parts, part{In: subscriptionsName, Doc: newSubscription(j.Subscription)})
		}
	}
	l := newLead(subscriptionsName, missing[0].Subscription.ID)
	return s.together(ctx, l, f, func() error {
		_, err := s.in(subscriptionsName).InsertOne(ctx, newSubscription(missing[0].Subscription, l.marked()...))
		return taken(err)
	})
}

// Leave implements workspace.RoomStore.
func (s *Store) Leave(ctx context.Context, roomID, userID string, effects []workspace.Effect) error {
	return failed(ctx, "leave", s.leave(ctx, roomID, userID, effects))
}

func (s *Store) leave(ctx context.Context, roomID, userID string, effects []workspace.Effect) error {
	d, err := readOne[subscriptionDoc](ctx, s.in(subscriptionsName), bson.D{is("rid", roomID), is("u._id", userID)})
	if err != nil {
		return err
	}
	l := newLead(subscriptionsName, d.ID)
	l.Gone = true
	return s.together(ctx, l, follower{rows: s.newRows(effects)}, func() error {
		return s.deleteOne(ctx, subscriptionsName, bson.D{is("_id", d.ID)})
	})
}

// Subscription implements workspace.RoomStore.
func (s *Store) Subscription(ctx context.Context, roomID, userID string) (workspace.Subscription, error) {
	d, err := readOne[subscriptionDoc](ctx, s.in(subscriptionsName), bson.D{is("rid", roomID), is("u._id", userID)})
	if err != nil {
		return workspace.Subscription{}, failed(ctx, "read subscription", err)
	}
	return decodeSubscription(d), nil
}

// AddRoomRole implements workspace.RoomStore.
func (s *Store) AddRoomRole(ctx context.Context, roomID, userID, role string) error {
	return s.changeRoomRoles(ctx, roomID, userID, bson.D{is("$addToSet", bson.D{is("roles", role)})})
}

// RemoveRoomRole implements workspace.RoomStore.
func (s *Store) RemoveRoomRole(ctx context.Context, roomID, userID, role string) error {
	return s.changeRoomRoles(ctx, roomID, userID, bson.D{is("$pull", bson.D{is("roles", role)})})
}

func (s *Store) changeRoomRoles(ctx context.Context, roomID, userID string, update bson.D) error {
	result, err := s.in(subscriptionsName).UpdateOne(ctx, bson.D{is("rid", roomID), is("u._id", userID)}, update)
	if err == nil && result.MatchedCount == 0 {
		err = workspace.ErrNotFound
	}
	return failed(ctx, "change roles in a room", err)
}

// Members implements workspace.RoomStore.
func (s *Store) Members(ctx context.Context, roomID, filter string, page workspace.Page) ([]workspace.User, int, error) {
	in, err := s.texts(ctx, subscriptionsName, "u._id", bson.D{is("rid", roomID)})
	if err != nil {
		return nil, 0, failed(ctx, "read members", err)
	}
	l := list{
		collection: usersName, leaveOut: []string{tokensPath}, fields: userFields,
		filter: bson.D{is("_id", op("$in", noNil(in)))}, order: []workspace.Order{{Field: "username"}}, seq: seqPath, index: byID,
	}
	if filter != "" {
		l.andUser(filter)
	}
	users, total, err := readPage(ctx, s, l, page, decodeUser)
	return users, total, failed(ctx, "read members", err)
}
