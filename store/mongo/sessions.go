package mongo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The list of a user's login tokens, and its members that queries look for.
const (
	tokenList = "services.resume.loginTokens"
	tokenHash = tokenList + ".hashedToken"
	tokenEnd  = tokenList + ".grapnelExpires"
	tokenWhen = tokenList + ".when"
)

// personalToken is the type of personal access tokens. Logins have none.
const personalToken = "personalAccessToken"

// loginLasts is how long a login of Rocket.Chat's lasts, which has only its beginning, by the default
// of its setting Accounts_LoginExpiration.
const loginLasts = 90 * 24 * time.Hour

// tokenDoc is a session in its user's document, as Rocket.Chat keeps it. Logins have when, personal
// access tokens createdAt.
type tokenDoc struct {
	Hash      string        `bson:"hashedToken"`
	When      time.Time     `bson:"when,omitzero"`
	CreatedAt time.Time     `bson:"createdAt,omitzero"`
	Type      string        `bson:"type,omitzero"`
	Name      string        `bson:"name,omitzero"`
	Ending    string        `bson:"lastTokenPart,omitzero"`
	Bypass    bool          `bson:"bypassTwoFactor,omitzero"`
	Expires   bson.RawValue `bson:"grapnelExpires,omitzero"` // null: never; absent: Rocket.Chat made it
}

// tokensDoc is the part of a user's document that holds the tokens.
type tokensDoc struct {
	ID       string `bson:"_id"`
	Services struct {
		Resume struct {
			Tokens []tokenDoc `bson:"loginTokens"`
		} `bson:"resume"`
	} `bson:"services"`
}

func encodeSession(session workspace.Session) bson.D {
	d := tokenDoc{Hash: session.Hash, Name: session.Name, Ending: session.Ending, Bypass: session.Bypass}
	if session.Name == "" {
		d.When = session.CreatedAt
	} else {
		d.CreatedAt, d.Type = session.CreatedAt, personalToken
	}
	var expires any
	if !session.ExpiresAt.IsZero() {
		expires = session.ExpiresAt
	}
	return insertion(d, is("grapnelExpires", expires))
}

func decodeSession(userID string, d tokenDoc) workspace.Session {
	session := workspace.Session{Hash: d.Hash, UserID: userID, CreatedAt: d.When, Name: d.Name, Ending: d.Ending, Bypass: d.Bypass}
	if d.Type == personalToken {
		session.CreatedAt = d.CreatedAt
	}
	switch {
	case d.Expires.Type == bson.TypeDateTime:
		session.ExpiresAt = d.Expires.Time().UTC()
	case d.Expires.IsZero() && d.Type == "" && !d.When.IsZero():
		session.ExpiresAt = d.When.Add(loginLasts)
	}
	return session
}

// AddSession implements workspace.SessionStore.
func (s *Store) AddSession(ctx context.Context, session workspace.Session) error {
	filter := bson.D{is("_id", session.UserID), is(tokenHash, op("$ne", session.Hash))}
	if session.Name != "" {
		filter = append(filter, is(tokenList+".name", op("$ne", session.Name)))
	}
	result, err := s.in(usersName).UpdateOne(ctx, filter, bson.D{is("$push", bson.D{is(tokenList, encodeSession(session))})})
	if err == nil && result.MatchedCount == 0 {
		if err = s.mustHave(ctx, usersName, session.UserID); err == nil {
			err = workspace.ErrConflict
		}
	}
	return failed(ctx, "add session", err)
}

// SessionUser implements workspace.SessionStore.
func (s *Store) SessionUser(ctx context.Context, hash string) (workspace.Session, workspace.User, error) {
	raw, err := s.in(usersName).FindOne(ctx, bson.D{is(tokenHash, hash)}).Raw()
	if err != nil {
		return workspace.Session{}, workspace.User{}, failed(ctx, "read session", err)
	}
	var tokens tokensDoc
	var user userDoc
	if err := bson.Unmarshal(raw, &tokens); err != nil {
		return workspace.Session{}, workspace.User{}, failed(ctx, "read session", err)
	}
	if err := bson.Unmarshal(raw, &user); err != nil {
		return workspace.Session{}, workspace.User{}, failed(ctx, "read session", err)
	}
	for _, d := range tokens.Services.Resume.Tokens {
		if d.Hash == hash {
			return decodeSession(tokens.ID, d), decodeUser(user), nil
		}
	}
	return workspace.Session{}, workspace.User{}, failed(ctx, "read session", workspace.ErrNotFound)
}

// RemoveSession implements workspace.SessionStore.
func (s *Store) RemoveSession(ctx context.Context, hash string) error {
	pull := bson.D{is("$pull", bson.D{is(tokenList, bson.D{is("hashedToken", hash)})})}
	_, err := s.in(usersName).UpdateOne(ctx, bson.D{is(tokenHash, hash)}, pull)
	return failed(ctx, "remove session", err)
}

// Sessions implements workspace.SessionStore.
func (s *Store) Sessions(ctx context.Context, userID string) ([]workspace.Session, error) {
	find := options.Find().SetProjection(bson.D{is(tokenList, 1)}).SetLimit(1)
	docs, err := readAll[tokensDoc](ctx, s.in(usersName), bson.D{is("_id", userID)}, find)
	if err != nil || len(docs) == 0 {
		return nil, failed(ctx, "read sessions", err)
	}
	sessions := convert(docs[0].Services.Resume.Tokens, func(d tokenDoc) workspace.Session { return decodeSession(userID, d) })
	slices.SortStableFunc(sessions, func(a, b workspace.Session) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Hash, b.Hash))
	})
	if len(sessions) == 0 {
		return nil, nil
	}
	return sessions, nil
}

// RemoveLogins implements workspace.SessionStore.
func (s *Store) RemoveLogins(ctx context.Context, userID, keep string) error {
	pull := bson.D{is("$pull", bson.D{is(tokenList, loginsBut(keep))})}
	_, err := s.in(usersName).UpdateOne(ctx, bson.D{is("_id", userID)}, pull)
	return failed(ctx, "remove logins", err)
}

// loginsBut are the logins of a user but the one with that hash.
func loginsBut(keep string) bson.D {
	return bson.D{is("type", op("$ne", personalToken)), is("hashedToken", op("$ne", keep))}
}

// RemoveExpired implements workspace.SessionStore.
func (s *Store) RemoveExpired(ctx context.Context, before time.Time) error {
	began := before.Add(-loginLasts)
	for _, ended := range []struct {
		filter  bson.E
		element bson.D
	}{
		{is(tokenEnd, op("$lt", before)), bson.D{is("grapnelExpires", op("$lt", before))}},
		{is(tokenWhen, op("$lt", began)), bson.D{
			is("when", op("$lt", began)), is("grapnelExpires", op("$exists", false)), is("type", op("$ne", personalToken)),
		}},
	} {
		_, err := s.in(usersName).UpdateMany(ctx, bson.D{ended.filter}, bson.D{is("$pull", bson.D{is(tokenList, ended.element)})})
		if err != nil {
			return failed(ctx, "remove expired sessions", err)
		}
	}
	return nil
}
