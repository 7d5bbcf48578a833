package mongo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

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

// surroundings are the rooms and users of subscriptions, which Rocket.Chat's clients expect to find
// named in them. Nobody reads these names here.
type surroundings struct {
	rooms map[string]workspace.Room
	users map[string]workspace.UserRef
}

// around answers the surroundings of subscriptions, and looks up what is not given.
func (s *Store) around(ctx context.Context, subs []workspace.Subscription, rooms []workspace.Room, users []workspace.User) (surroundings, error) {
	known := surroundings{map[string]workspace.Room{}, map[string]workspace.UserRef{}}
	for _, r := range rooms {
		known.rooms[r.ID] = r
	}
	for _, u := range users {
		known.users[u.ID] = u.Ref()
	}
	var roomIDs, userIDs []string
	for _, sub := range subs {
		if _, ok := known.rooms[sub.RoomID]; !ok && !slices.Contains(roomIDs, sub.RoomID) {
			roomIDs = append(roomIDs, sub.RoomID)
		}
		if _, ok := known.users[sub.UserID]; !ok && !slices.Contains(userIDs, sub.UserID) {
			userIDs = append(userIDs, sub.UserID)
		}
	}
	if len(roomIDs) > 0 {
		find := options.Find().SetProjection(bson.D{is("t", 1), is("name", 1), is("fname", 1), is("uids", 1), is("usernames", 1), is("grapnel.memberNames", 1)})
		found, err := readAll[roomDoc](ctx, s.in(roomsName), bson.D{is("_id", op("$in", roomIDs))}, find.SetLimit(mostRecords))
		if err != nil {
			return known, err
		}
		for _, d := range found {
			known.rooms[d.ID] = decodeRoom(d)
		}
	}
	if len(userIDs) > 0 {
		find := options.Find().SetProjection(bson.D{is("username", 1), is("name", 1)}).SetLimit(mostRecords)
		found, err := readAll[refDoc](ctx, s.in(usersName), bson.D{is("_id", op("$in", userIDs))}, find)
		if err != nil {
			return known, err
		}
		for _, d := range found {
			known.users[d.ID] = workspace.UserRef(d)
		}
	}
	return known, nil
}

// names are the members of a subscription that name its room and its user.
func (k surroundings) names(sub workspace.Subscription) []bson.E {
	var names []bson.E
	add := func(path, text string) {
		if text != "" {
			names = append(names, is(path, text))
		}
	}
	user := k.users[sub.UserID]
	add("u.username", user.Username)
	add("u.name", user.Name)
	room, ok := k.rooms[sub.RoomID]
	if !ok {
		return names
	}
	add("t", string(room.Type))
	name, display := nameFor(room, sub.UserID)
	add("name", name)
	add("fname", display)
	return names
}

// nameFor is how a member sees a room named: a direct one by the other member.
func nameFor(r workspace.Room, userID string) (name, display string) {
	if r.Type != workspace.Direct {
		return r.Name, cmp.Or(r.DisplayName, r.Name)
	}
	for _, u := range r.Members {
		if u.ID != userID || len(r.Members) == 1 {
			return u.Username, cmp.Or(u.Name, u.Username)
		}
	}
	return "", ""
}

// newSubscription is a document with what Rocket.Chat's clients expect in it besides.
func newSubscription(sub workspace.Subscription, known surroundings, more ...bson.E) bson.D {
	started := append(known.names(sub),
		is("open", true), is("alert", false), is("unread", 0), is("userMentions", 0), is("groupMentions", 0),
		is("ls", sub.CreatedAt), is("_updatedAt", sub.CreatedAt),
	)
	return insertion(encodeSubscription(sub), append(started, more...)...)
}

func subscriptionParts(subs []workspace.Subscription, known surroundings) []part {
	return convert(subs, func(sub workspace.Subscription) part {
		return part{In: subscriptionsName, Doc: newSubscription(sub, known)}
	})
}

// nameAnew writes the names of a room that has changed into its subscriptions.
func (s *Store) nameAnew(ctx context.Context, r workspace.Room) error {
	name, display := nameFor(r, "")
	update := bson.D{is("$set", bson.D{is("name", name), is("fname", display), is("t", string(r.Type))})}
	_, err := s.in(subscriptionsName).UpdateMany(ctx, bson.D{is("rid", r.ID)}, update)
	return err
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
	known, err := s.around(ctx, convert(missing, func(j workspace.Join) workspace.Subscription { return j.Subscription }), nil, nil)
	if err != nil {
		return err
	}
	var f follower
	for n, j := range missing {
		f.rows = append(f.rows, s.newRows(j.Effects)...)
		f.parts = append(f.parts, s.messageParts(j.Notices)...)
		if n > 0 {
			f.parts = append(f.parts, part{In: subscriptionsName, Doc: newSubscription(j.Subscription, known)})
		}
	}
	l := newLead(subscriptionsName, missing[0].Subscription.ID)
	return s.together(ctx, l, f, func() error {
		_, err := s.in(subscriptionsName).InsertOne(ctx, newSubscription(missing[0].Subscription, known, l.marked()...))
		return taken(err)
	})
}

// Leave implements workspace.RoomStore.
func (s *Store) Leave(ctx context.Context, roomID, userID string, effects []workspace.Effect, notices ...workspace.Message) error {
	f := follower{rows: s.newRows(effects), parts: s.messageParts(notices)}
	return failed(ctx, "leave", s.leave(ctx, roomID, userID, f))
}

func (s *Store) leave(ctx context.Context, roomID, userID string, f follower) error {
	d, err := readOne[subscriptionDoc](ctx, s.in(subscriptionsName), bson.D{is("rid", roomID), is("u._id", userID)})
	if err != nil {
		return err
	}
	l := newLead(subscriptionsName, d.ID)
	l.Gone = true
	return s.together(ctx, l, f, func() error {
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
