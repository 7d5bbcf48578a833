package mongo

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// rocketChats answers the address of a database as Rocket.Chat leaves one, and a store at it that has
// written nothing.
func rocketChats(t *testing.T, change func(all map[string][]bson.D)) (string, *Store) {
	t.Helper()
	text, err := os.ReadFile("testdata/rocketchat.json")
	if err != nil {
		t.Fatal(err)
	}
	var collections map[string][]bson.D
	if err := bson.UnmarshalExtJSON(text, false, &collections); err != nil {
		t.Fatal(err)
	}
	change(collections)
	address := newDatabase(t)
	s, err := connect(t.Context(), address, plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for name, docs := range collections {
		if _, err := s.in(name).InsertMany(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
	return address, s
}

func asItIs(map[string][]bson.D) {}

// dump answers all documents, by collection and id.
func dump(t *testing.T, s *Store) map[string]map[string]bson.M {
	t.Helper()
	names, err := s.db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	everything := map[string]map[string]bson.M{}
	for _, name := range names {
		everything[name] = map[string]bson.M{}
		for _, doc := range all(t, s, name) {
			everything[name][doc["_id"].(string)] = doc
		}
	}
	return everything
}

func adoption(t *testing.T) workspace.Seed {
	t.Helper()
	seed, err := workspace.Adoption()
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func TestRocketChatsDatabaseIsRefused(t *testing.T) {
	address, s := rocketChats(t, asItIs)
	before := dump(t, s)
	if _, err := Open(t.Context(), address); !errors.Is(err, ErrForeign) {
		t.Errorf("Open of a Rocket.Chat's database: %v, want ErrForeign", err)
	}
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("it was refused, and changed:\n%s", diff)
	}
}

func TestLookWritesNothing(t *testing.T) {
	address, s := rocketChats(t, asItIs)
	before := dump(t, s)
	v, err := Look(t.Context(), address, adoption(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("looking changed it:\n%s", diff)
	}
	if v.Owner != RocketChat || v.Users != 3 || v.Admins != 1 || v.Passwords != 1 || v.Logins != 1 || v.PersonalTokens != 1 {
		t.Errorf("users: %+v", v)
	}
	if v.Rooms != 3 || v.Messages != 2 || v.History != 1 || v.Incoming != 2 || v.Outgoing != 1 || v.Enabled != 2 || len(v.Problems) > 0 {
		t.Errorf("the rest: %+v", v)
	}
	if v.Instances != 1 || v.LastSign.Format(time.RFC3339) != "2025-05-06T07:08:10Z" {
		t.Errorf("%d instances, %v", v.Instances, v.LastSign)
	}
	if want := map[string]int{usersName: 3, roomsName: 3, integrationsName: 3}; !maps.Equal(v.Marked, want) {
		t.Errorf("documents to be marked: %v, want %v", v.Marked, want)
	}
	if len(v.Indexes) != len(indexes) {
		t.Errorf("%d indexes are missing, want all %d", len(v.Indexes), len(indexes))
	}
	if slices.Contains(v.Added[rolesName], "admin") || !slices.Contains(v.Added[rolesName], "bot") || len(v.Added[usersName]) > 0 ||
		slices.Contains(v.Added[permissionsName], "create-c") || slices.Contains(v.Added[settingsName], "Message_MaxAllowedSize") {
		t.Errorf("to be added: %v", v.Added)
	}
}

func TestAdopt(t *testing.T) {
	address, raw := rocketChats(t, asItIs)
	before := dump(t, raw)
	v, err := Look(t.Context(), address, adoption(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time, it is done
		if err := Adopt(t.Context(), address, adoption(t)); err != nil {
			t.Fatal(err)
		}
	}
	after := dump(t, raw)
	for name, docs := range before {
		for id, doc := range docs {
			now := maps.Clone(after[name][id])
			delete(now, "grapnel")
			if diff := cmp.Diff(doc, now); diff != "" {
				t.Errorf("%s %s was changed:\n%s", name, id, diff)
			}
		}
		var added []string
		for id := range after[name] {
			if docs[id] == nil {
				added = append(added, id)
			}
		}
		slices.Sort(added)
		if want := slices.Sorted(slices.Values(v.Added[name])); !slices.Equal(added, want) {
			t.Errorf("%s got %v, but %v was told", name, added, want)
		}
	}
	for name, ids := range v.Added {
		if len(slices.Compact(ids)) < len(v.Added[name]) {
			t.Errorf("%s: a document was told twice: %v", name, v.Added[name])
		}
	}
	s := openAt(t, address, plain)
	found, err := Look(t.Context(), address, adoption(t))
	if err != nil || found.Owner != Ours || len(found.Marked)+len(found.Added)+len(found.Indexes) > 0 {
		t.Errorf("after it was adopted, it looks like %+v, %v", found, err)
	}
	checkAdopted(t, s)
}

// checkAdopted asks an adopted database what a server asks.
func checkAdopted(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	for _, token := range []string{"login-token-of-ada-made-by-rocket-chat-0001", "personal-token-of-ada-made-by-rocket-chat-1"} {
		sum := sha256.Sum256([]byte(token))
		session, u, err := s.SessionUser(ctx, base64.StdEncoding.EncodeToString(sum[:]))
		if err != nil || u.Username != "Ada" || !session.ExpiresAt.IsZero() && session.ExpiresAt.Before(time.Now()) {
			t.Errorf("token %s: %+v of %q, %v", token, session, u.Username, err)
		}
	}
	if u, err := s.UserByUsername(ctx, "aDA"); err != nil || u.Email != "Ada@Example.com" || len(u.PasswordHash) == 0 {
		t.Errorf("Ada: %+v, %v", u, err)
	}
	if u, err := s.UserByEmail(ctx, "ada@example.COM"); err != nil || u.Username != "Ada" {
		t.Errorf("Ada by e-mail: %+v, %v", u, err)
	}
	everything := integrations.Filter{Incoming: permissions.All, Outgoing: permissions.All}
	list, total, err := s.Integrations(ctx, everything, workspace.Page{})
	if err != nil || total != 3 {
		t.Fatalf("%d integrations, %v, want 3", total, err)
	}
	var ids []string
	for _, i := range list {
		ids = append(ids, i.ID+" "+strings.Join(i.Channels, ","))
	}
	if want := []string{"0ldOne #general", "inC0m1ng #general", "0utG01ng #general,all_private_groups"}; !slices.Equal(ids, want) {
		t.Errorf("integrations %q, want %q, the oldest first", ids, want)
	}
	out, err := s.Integration(ctx, "0utG01ng")
	if err != nil || !out.SkipTranspile || out.RetryCount == nil || *out.RetryCount != 6 {
		t.Errorf("the outgoing one: %+v, %v", out, err)
	}
	if r, err := s.RoomByName(ctx, "general"); err != nil || r.ID != workspace.GeneralID {
		t.Errorf("general: %+v, %v", r, err)
	}
	if m, total, err := s.Messages(ctx, workspace.MessageFilter{RoomID: workspace.GeneralID}, workspace.Page{}); err != nil || total != 2 || m[0].ID != "m1xYz" {
		t.Errorf("messages: %+v, %d, %v", m, total, err)
	}
	if err := s.SaveIntegration(ctx, out); err != nil {
		t.Error(err)
	}
}

// TestRocketChatServesInBetween lets a Rocket.Chat change a database that was adopted, as by somebody
// who went back to it.
func TestRocketChatServesInBetween(t *testing.T) {
	address, raw := rocketChats(t, asItIs)
	ctx := t.Context()
	if err := Adopt(ctx, address, adoption(t)); err != nil {
		t.Fatal(err)
	}
	ada := bson.D{is("_id", "aB3dE5gH7jK9mN1pQ")}
	change := bson.D{is("$set", bson.D{is("username", "Countess")}), is("$unset", bson.D{is("emails", "")})}
	if _, err := raw.in(usersName).UpdateOne(ctx, ada, change); err != nil {
		t.Fatal(err)
	}
	if v, err := Look(ctx, address, adoption(t)); err != nil || v.Owner != Ours || v.Marked[usersName] != 1 {
		t.Errorf("after a user was renamed: %+v, %v", v, err)
	}
	if _, err := raw.in(usersName).InsertOne(ctx, bson.D{is("_id", "new"), is("username", "Charles"), is("active", true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, address); !errors.Is(err, ErrChanged) {
		t.Errorf("a database with an unknown user: %v, want %v", err, ErrChanged)
	}
	before := dump(t, raw)[usersName]["rocket.cat"]
	if err := Adopt(ctx, address, adoption(t)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, dump(t, raw)[usersName]["rocket.cat"]); diff != "" {
		t.Errorf("who was adopted before was changed:\n%s", diff)
	}
	s := openAt(t, address, plain)
	for _, name := range []string{"countess", "charles"} {
		if _, err := s.UserByUsername(ctx, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u, err := s.UserByUsername(ctx, "ada"); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("by the old name: %+v, %v", u, err)
	}
	if u, err := s.UserByEmail(ctx, "ada@example.com"); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("by an address that was taken away: %+v, %v", u, err)
	}
}

func TestAdoptRefusesWhatItCannotServe(t *testing.T) {
	address, _ := rocketChats(t, func(all map[string][]bson.D) {
		all[usersName] = append(all[usersName], bson.D{is("_id", "twin"), is("username", "ADA"), is("active", true)}, bson.D{is("_id", "odd"), is("username", 7)})
		all[integrationsName] = append(all[integrationsName], bson.D{is("_id", "what"), is("type", "webhook-sideways")})
	})
	v, err := Look(t.Context(), address, adoption(t))
	if err != nil {
		t.Fatal(err)
	}
	problems := strings.Join(v.Problems, "\n")
	for _, want := range []string{"aB3dE5gH7jK9mN1pQ and twin have the same username", "users: the document odd cannot be read", `what is of the type "webhook-sideways"`} {
		if !strings.Contains(problems, want) {
			t.Errorf("no problem says %q:\n%s", want, problems)
		}
	}
}

// A server that is killed while it makes its collections leaves a database that is still nobody's.
func TestEmptyCollectionsAreNobodys(t *testing.T) {
	address := newDatabase(t)
	s, err := connect(t.Context(), address, plain)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.makeIndexes(t.Context(), indexes); err != nil {
		t.Fatal(err)
	}
	if owner, err := s.owner(t.Context()); owner != Nobody || err != nil {
		t.Errorf("owner %v, %v, want nobody", owner, err)
	}
}
