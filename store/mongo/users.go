package mongo

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// userDoc is a user as Rocket.Chat keeps them.
type userDoc struct {
	ID           string        `bson:"_id"`
	Username     string        `bson:"username,omitzero"`
	Name         string        `bson:"name,omitzero"`
	Emails       []emailDoc    `bson:"emails,omitzero"`
	Services     servicesDoc   `bson:"services"`
	Roles        []string      `bson:"roles,omitzero"`
	Type         string        `bson:"type,omitzero"`
	Active       bool          `bson:"active"`
	Bio          string        `bson:"bio,omitzero"`
	Nickname     string        `bson:"nickname,omitzero"`
	StatusText   string        `bson:"statusText,omitzero"`
	CustomFields bson.RawValue `bson:"customFields,omitzero"`
	MustChange   bool          `bson:"requirePasswordChange,omitzero"`
	CreatedAt    time.Time     `bson:"createdAt"`
	UpdatedAt    time.Time     `bson:"_updatedAt"`
	Ours         userOurs      `bson:"grapnel"`
}

// userOurs is what queries compare, folded, and what Rocket.Chat's members do not hold.
type userOurs struct {
	Username     string `bson:"username,omitzero"`
	Name         string `bson:"name,omitzero"`
	Email        string `bson:"email,omitzero"`
	CustomFields []byte `bson:"customFields,omitzero"`
}

type emailDoc struct {
	Address  string `bson:"address"`
	Verified bool   `bson:"verified"`
}

type servicesDoc struct {
	Password passwordDoc `bson:"password"`
}

type passwordDoc struct {
	Bcrypt string `bson:"bcrypt,omitzero"`
}

// The types of users that this server knows. Rocket.Chat has more.
const (
	person = "user"
	bot    = "bot"
)

func encodeUser(u workspace.User) userDoc {
	d := userDoc{
		ID: u.ID, Username: u.Username, Name: u.Name, Services: servicesDoc{passwordDoc{string(u.PasswordHash)}},
		Roles: u.Roles, Type: person, Active: u.Active, Bio: u.Bio, Nickname: u.Nickname, StatusText: u.StatusText,
		MustChange: u.MustChange, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
		Ours: userOurs{Username: fold(u.Username), Name: fold(u.Name), Email: fold(u.Email)},
	}
	if u.Email != "" {
		d.Emails = []emailDoc{{u.Email, u.Verified}}
	}
	if u.Bot {
		d.Type = bot
	}
	d.CustomFields, d.Ours.CustomFields = opaque(u.CustomFields)
	return d
}

func decodeUser(d userDoc) workspace.User {
	u := workspace.User{
		ID: d.ID, Username: d.Username, Name: d.Name, Roles: d.Roles, Bot: d.Type == bot, Active: d.Active,
		Bio: d.Bio, Nickname: d.Nickname, StatusText: d.StatusText, CustomFields: opaqueText(d.CustomFields, d.Ours.CustomFields),
		MustChange: d.MustChange, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
	if d.Services.Password.Bcrypt != "" {
		u.PasswordHash = []byte(d.Services.Password.Bcrypt)
	}
	if len(d.Emails) > 0 {
		u.Email, u.Verified = d.Emails[0].Address, d.Emails[0].Verified
	}
	return u
}

// over keeps of an old document what this server has no word for: further addresses, and types of
// users.
func (d userDoc) over(old userDoc) userDoc {
	if len(old.Emails) > 1 {
		d.Emails = append(d.Emails, old.Emails[1:]...)
	}
	if d.Type == person && old.Type != bot {
		d.Type = old.Type
	}
	d.CustomFields, d.Ours.CustomFields = unchanged(d.CustomFields, d.Ours.CustomFields, old.CustomFields, old.Ours.CustomFields)
	return d
}

// AddUser implements workspace.UserStore.
func (s *Store) AddUser(ctx context.Context, u workspace.User, in []workspace.Subscription, effects []workspace.Effect, notices ...workspace.Message) error {
	known, err := s.around(ctx, in, nil, []workspace.User{u})
	if err != nil {
		return failed(ctx, "add user", err)
	}
	l := newLead(usersName, u.ID)
	f := follower{rows: s.newRows(effects), parts: append(subscriptionParts(in, known), s.messageParts(notices)...)}
	return failed(ctx, "add user", s.together(ctx, l, f, func() error {
		_, err := s.in(usersName).InsertOne(ctx, insertion(encodeUser(u), l.marked(s.seq(u.CreatedAt))...))
		return err
	}))
}

// User implements workspace.UserStore.
func (s *Store) User(ctx context.Context, id string) (workspace.User, error) {
	return s.readUser(ctx, is("_id", id))
}

// UserByUsername implements workspace.UserStore.
func (s *Store) UserByUsername(ctx context.Context, username string) (workspace.User, error) {
	return s.readUser(ctx, is("grapnel.username", fold(username)))
}

// UserByEmail implements workspace.UserStore.
func (s *Store) UserByEmail(ctx context.Context, email string) (workspace.User, error) {
	return s.readUser(ctx, is("grapnel.email", fold(email)))
}

// tokensPath is not read with a user: there may be many.
const tokensPath = "services.resume"

func (s *Store) readUser(ctx context.Context, key bson.E) (workspace.User, error) {
	d, err := readOne[userDoc](ctx, s.in(usersName), bson.D{key}, options.FindOne().SetProjection(bson.D{is(tokensPath, 0)}))
	if err != nil {
		return workspace.User{}, failed(ctx, "read user", err)
	}
	return decodeUser(d), nil
}

var userFields = map[string]field{
	"_id":        {path: "_id"},
	"username":   {path: "username"},
	"name":       {path: "grapnel.name"},
	"createdAt":  {path: "createdAt", time: true},
	"_createdAt": {path: "createdAt", time: true},
	"_updatedAt": {path: "_updatedAt", time: true},
}

// Users implements workspace.UserStore.
func (s *Store) Users(ctx context.Context, filter workspace.UserFilter, page workspace.Page) ([]workspace.User, int, error) {
	l := list{collection: usersName, leaveOut: []string{tokensPath}, fields: userFields, seq: seqPath, index: bySeq}
	if filter.Text != "" {
		l.andUser(filter.Text)
	}
	users, total, err := readPage(ctx, s, l, page, decodeUser)
	return users, total, failed(ctx, "read users", err)
}

// andUser narrows a list of users to those that are known by the text.
func (l *list) andUser(text string) {
	l.and(is("$or", bson.A{
		bson.D{is("username", contains(text))}, bson.D{is("name", contains(text))}, bson.D{is("emails.address", contains(text))},
	}))
}

// AddUserRole implements workspace.UserStore.
func (s *Store) AddUserRole(ctx context.Context, userID, role string, at time.Time) error {
	update := bson.D{is("$push", bson.D{is("roles", role)}), is("$set", bson.D{is("_updatedAt", at)})}
	return failed(ctx, "add role to user", s.updateUnless(ctx, usersName, userID, is("roles", op("$ne", role)), update))
}

// RemoveUserRole implements workspace.UserStore.
func (s *Store) RemoveUserRole(ctx context.Context, userID, role string, at time.Time) error {
	update := bson.D{is("$pull", bson.D{is("roles", role)}), is("$set", bson.D{is("_updatedAt", at)})}
	return failed(ctx, "remove role from user", s.updateUnless(ctx, usersName, userID, is("roles", role), update))
}

// updateUnless updates the document with that id where the condition holds. Where it does not, there
// is nothing to do.
func (s *Store) updateUnless(ctx context.Context, collection, id string, condition bson.E, update bson.D) error {
	result, err := s.in(collection).UpdateOne(ctx, bson.D{is("_id", id), condition}, update)
	if err != nil || result.MatchedCount > 0 {
		return err
	}
	return s.mustHave(ctx, collection, id)
}

// mustHave answers workspace.ErrNotFound where no document has that id.
func (s *Store) mustHave(ctx context.Context, collection, id string) error {
	there, err := s.has(ctx, collection, bson.D{is("_id", id)})
	if err == nil && !there {
		return workspace.ErrNotFound
	}
	return err
}

// updateOne updates the document with that id, which must be there.
func (s *Store) updateOne(ctx context.Context, collection, id string, update bson.D) error {
	result, err := s.in(collection).UpdateOne(ctx, bson.D{is("_id", id)}, update)
	if err == nil && result.MatchedCount == 0 {
		return workspace.ErrNotFound
	}
	return err
}

// SetPassword implements workspace.UserStore.
func (s *Store) SetPassword(ctx context.Context, userID string, hash []byte, at time.Time, keep string) error {
	return failed(ctx, "set password", s.updateOne(ctx, usersName, userID, bson.D{
		is("$set", bson.D{is("services.password.bcrypt", string(hash)), is("_updatedAt", at)}),
		is("$pull", bson.D{is(tokenList, loginsBut(keep))}),
	}))
}

// SaveUser implements workspace.UserStore.
func (s *Store) SaveUser(ctx context.Context, u workspace.User) error {
	return failed(ctx, "save user", s.saveUser(ctx, u))
}

// SaveUserAndEndLogins implements workspace.UserStore.
func (s *Store) SaveUserAndEndLogins(ctx context.Context, u workspace.User, keep string) error {
	return failed(ctx, "save user and end logins", s.saveUser(ctx, u, is("$pull", bson.D{is(tokenList, loginsBut(keep))})))
}

// saveUser replaces a user, with more to be done by the same update.
func (s *Store) saveUser(ctx context.Context, u workspace.User, more ...bson.E) error {
	old, err := readOne[userDoc](ctx, s.in(usersName), bson.D{is("_id", u.ID)}, options.FindOne().SetProjection(bson.D{is(tokensPath, 0)}))
	if err != nil {
		return err
	}
	update := append(change(encodeUser(u).over(old)), more...)
	if decodeUser(old).Ref() == u.Ref() {
		return s.updateOne(ctx, usersName, u.ID, update)
	}
	n := newNote(userRenamed, u.ID)
	n.More = old.Username
	return s.noted(ctx, n, func() error { return s.updateOne(ctx, usersName, u.ID, n.leading(update)) })
}

// RemoveUser implements workspace.UserStore.
func (s *Store) RemoveUser(ctx context.Context, userID string) error {
	err := s.noted(ctx, newNote(userRemoved, userID), func() error { return s.deleteOne(ctx, usersName, bson.D{is("_id", userID)}) })
	return failed(ctx, "remove user", err)
}

// deleteOne deletes a document that must be there.
func (s *Store) deleteOne(ctx context.Context, collection string, filter bson.D) error {
	result, err := s.in(collection).DeleteOne(ctx, filter)
	if err == nil && result.DeletedCount == 0 {
		return workspace.ErrNotFound
	}
	return err
}

// clearUser removes what a user who was removed leaves behind. Their subscriptions go last, as the
// direct rooms are found by them.
func (s *Store) clearUser(ctx context.Context, userID string) error {
	direct, err := s.directRooms(ctx, userID)
	if err != nil {
		return err
	}
	if err := s.dropFiles(ctx, bson.D{is("userId", userID)}); err != nil {
		return err
	}
	if err := s.deleteMany(ctx, messagesName, bson.D{is("u._id", userID)}); err != nil {
		return err
	}
	for _, roomID := range direct {
		if err := s.deleteMany(ctx, roomsName, bson.D{is("_id", roomID)}); err != nil {
			return err
		}
		if err := s.clearMessages(ctx, roomID); err != nil {
			return err
		}
		others := bson.D{is("rid", roomID), is("u._id", op("$ne", userID))}
		if err := s.deleteMany(ctx, subscriptionsName, others); err != nil {
			return err
		}
	}
	return s.deleteMany(ctx, subscriptionsName, bson.D{is("u._id", userID)})
}

func (s *Store) deleteMany(ctx context.Context, collection string, filter bson.D) error {
	_, err := s.in(collection).DeleteMany(ctx, filter)
	return err
}

// directRooms answers the direct rooms that a user is in, and those of which only the subscriptions
// are left.
func (s *Store) directRooms(ctx context.Context, userID string) ([]string, error) {
	in, err := s.texts(ctx, subscriptionsName, "rid", bson.D{is("u._id", userID)})
	if err != nil || len(in) == 0 {
		return nil, err
	}
	other := map[string]bool{}
	for some := range slices.Chunk(in, mostNamed) {
		found, err := s.texts(ctx, roomsName, "_id", bson.D{amongIDs(some), is("t", op("$ne", string(workspace.Direct)))})
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			other[id] = true
		}
	}
	return slices.DeleteFunc(in, func(id string) bool { return other[id] }), nil
}
