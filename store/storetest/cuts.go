package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Cutting is an empty store that can be cut off in the middle of a write, as by the end of its process.
type Cutting struct {
	Store Store
	// CutAfter cuts the store off after so many further steps of writing.
	CutAfter func(steps int)
	// Again opens what the store left behind, once everything that others do about it is done, and
	// reports whether it was cut off.
	Again func() (s Store, cut bool)
}

// RunCuts cuts every write off that takes several steps, after each of them: it must have come true
// as a whole, or not at all. What was answered without an error is true.
func RunCuts(t *testing.T, open func(t *testing.T) Cutting) {
	for _, tt := range cutTests {
		t.Run(tt.name, func(t *testing.T) {
			none, whole := 0, 0
			for steps := 0; ; steps++ {
				c := open(t)
				tt.prepare(t, c.Store)
				c.CutAfter(steps)
				err := tt.write(t.Context(), c.Store)
				s, cut := c.Again()
				came := tt.came(t, s)
				switch {
				case err == nil && slices.Contains(came, false):
					t.Errorf("cut off after %d steps it was answered, but there is %v", steps, came)
				case slices.Contains(came, true) && slices.Contains(came, false):
					t.Errorf("cut off after %d steps there is a part of it: %v", steps, came)
				case came[0]:
					whole++
				default:
					none++
				}
				if !cut {
					must(t, err)
					break
				}
			}
			if none == 0 || whole == 0 {
				t.Errorf("it came true %d times, and %d times not: one of both was never tried", whole, none)
			}
		})
	}
}

// cutTest is a write and what comes true with it.
type cutTest struct {
	name    string
	prepare func(t *testing.T, s Store)
	write   func(ctx context.Context, s Store) error
	came    func(t *testing.T, s Store) []bool
}

// is reports whether a record was found.
func is(t *testing.T, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, workspace.ErrNotFound) {
		t.Error(err)
	}
	return err == nil
}

func hasRows(t *testing.T, s Store, ids ...string) (has []bool) {
	t.Helper()
	for _, id := range ids {
		_, err := s.Row(t.Context(), id)
		has = append(has, is(t, err))
	}
	return has
}

func hasMessages(t *testing.T, s Store, ids ...string) (has []bool) {
	t.Helper()
	for _, id := range ids {
		_, err := s.Message(t.Context(), id)
		has = append(has, is(t, err))
	}
	return has
}

func hasSubscriptions(t *testing.T, s Store, roomID string, userIDs ...string) (has []bool) {
	t.Helper()
	for _, id := range userIDs {
		_, err := s.Subscription(t.Context(), roomID, id)
		has = append(has, is(t, err))
	}
	return has
}

// not is for what is to be gone.
func not(has ...bool) []bool {
	for n := range has {
		has[n] = !has[n]
	}
	return has
}

func nothing(*testing.T, Store) {}

// mixed are two effects of which one is ordered.
func mixed(from int) []workspace.Effect {
	return append(Effects(from, from, "a"), Ordered(from+1, from+1, "a")...)
}

var cutTests = []cutTest{
	{
		"a message with deliveries", nothing,
		func(ctx context.Context, s Store) error { return s.AddMessages(ctx, Messages(1, 1, "room1"), mixed(1)) },
		func(t *testing.T, s Store) []bool {
			return append(hasMessages(t, s, "message1"), hasRows(t, s, "delivery1", "delivery2")...)
		},
	},
	{
		"messages with files and deliveries", addTwoFiles,
		func(ctx context.Context, s Store) error {
			shown := []workspace.Message{Showing(1, File(1, "room1")), Message(2, "room1"), Showing(3, File(2, "room1"))}
			return s.AddMessages(ctx, shown, mixed(1))
		},
		func(t *testing.T, s Store) []bool {
			came := append(hasMessages(t, s, "message1", "message2", "message3"), hasRows(t, s, "delivery1", "delivery2")...)
			for _, id := range []string{"file1", "file2"} {
				f, err := s.File(t.Context(), id)
				must(t, err)
				came = append(came, f.MessageID != "")
			}
			return came
		},
	},
	{
		"an edit with deliveries",
		func(t *testing.T, s Store) { must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), nil)) },
		func(ctx context.Context, s Store) error {
			return s.SaveMessage(ctx, BareMessage(1, "room1"), mixed(1))
		},
		func(t *testing.T, s Store) []bool {
			m, err := s.Message(t.Context(), "message1")
			must(t, err)
			return append(hasRows(t, s, "delivery1", "delivery2"), m.Text == "")
		},
	},
	{
		"deliveries alone", nothing,
		func(ctx context.Context, s Store) error { return s.AddEffects(ctx, append(mixed(1), mixed(3)...)) },
		func(t *testing.T, s Store) []bool {
			return hasRows(t, s, "delivery1", "delivery2", "delivery3", "delivery4")
		},
	},
	{
		"a user with rooms and deliveries", nothing,
		func(ctx context.Context, s Store) error {
			return s.AddUser(ctx, User(1), []workspace.Subscription{Subscription("room1", "user1"), Subscription("room2", "user1")}, mixed(1), Messages(1, 2, "room1")...)
		},
		func(t *testing.T, s Store) []bool {
			_, err := s.User(t.Context(), "user1")
			came := append(append(hasMessages(t, s, "message1", "message2"), hasRows(t, s, "delivery1", "delivery2")...), is(t, err))
			return append(append(came, hasSubscriptions(t, s, "room1", "user1")...), hasSubscriptions(t, s, "room2", "user1")...)
		},
	},
	{
		"a user's new name",
		func(t *testing.T, s Store) {
			must(t, s.AddUser(t.Context(), User(1), nil, nil))
			must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
			must(t, s.AddRoom(t.Context(), Direct(1, 2), nil, nil))
		},
		func(ctx context.Context, s Store) error {
			u := User(1)
			u.Username = "other"
			return s.SaveUser(ctx, u)
		},
		func(t *testing.T, s Store) []bool {
			u, err := s.User(t.Context(), "user1")
			must(t, err)
			room, err := s.Room(t.Context(), "room1")
			must(t, err)
			direct, err := s.Room(t.Context(), Direct(1, 2).ID)
			must(t, err)
			return []bool{u.Username == "other", room.Creator.Username == "other", direct.Members[0].Username == "other"}
		},
	},
	{
		"a user's new password",
		func(t *testing.T, s Store) {
			must(t, s.AddUser(t.Context(), User(1), nil, nil))
			must(t, s.AddSession(t.Context(), Session(1, "user1")))
		},
		func(ctx context.Context, s Store) error {
			u := User(1)
			u.Username, u.PasswordHash = "other", []byte("new")
			return s.SaveUserAndEndLogins(ctx, u, "")
		},
		func(t *testing.T, s Store) []bool {
			u, err := s.User(t.Context(), "user1")
			must(t, err)
			sessions, err := s.Sessions(t.Context(), "user1")
			must(t, err)
			return []bool{string(u.PasswordHash) == "new", len(sessions) == 0}
		},
	},
	{
		"a user's removal",
		func(t *testing.T, s Store) {
			must(t, s.AddUser(t.Context(), User(1), []workspace.Subscription{Subscription("room1", "user1")}, nil))
			direct := Direct(1, 2)
			in := []workspace.Subscription{Subscription(direct.ID, "user1"), Subscription(direct.ID, "user2")}
			must(t, s.AddRoom(t.Context(), direct, in, nil))
			must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
			must(t, s.AddMessages(t.Context(), []workspace.Message{Message(1, "room1"), Message(2, direct.ID)}, nil))
			addFile(t, s, 1, "room1")
		},
		func(ctx context.Context, s Store) error { return s.RemoveUser(ctx, "user1") },
		func(t *testing.T, s Store) []bool {
			_, user := s.User(t.Context(), "user1")
			_, room := s.Room(t.Context(), Direct(1, 2).ID)
			_, file := s.File(t.Context(), "file1")
			has := append(hasMessages(t, s, "message1", "message2"), is(t, user), is(t, room), is(t, file))
			has = append(has, hasSubscriptions(t, s, "room1", "user1")...)
			return not(append(has, hasSubscriptions(t, s, Direct(1, 2).ID, "user1", "user2")...)...)
		},
	},
	{
		"a room with members and deliveries", nothing,
		func(ctx context.Context, s Store) error {
			return s.AddRoom(ctx, Room(1), []workspace.Subscription{Subscription("room1", "user1"), Subscription("room1", "user2")}, mixed(1), Message(1, "room2"))
		},
		func(t *testing.T, s Store) []bool {
			_, err := s.Room(t.Context(), "room1")
			came := append(hasMessages(t, s, "message1"), hasRows(t, s, "delivery1", "delivery2")...)
			return append(append(came, is(t, err)), hasSubscriptions(t, s, "room1", "user1", "user2")...)
		},
	},
	{
		"a room's change with deliveries",
		func(t *testing.T, s Store) { must(t, s.AddRoom(t.Context(), Room(1), nil, nil)) },
		func(ctx context.Context, s Store) error {
			r := Room(1)
			r.Topic = "other"
			return s.SaveRoom(ctx, r, mixed(1), Messages(1, 2, "room1")...)
		},
		func(t *testing.T, s Store) []bool {
			r, err := s.Room(t.Context(), "room1")
			must(t, err)
			came := append(hasRows(t, s, "delivery1", "delivery2"), r.Topic == "other")
			return append(came, hasMessages(t, s, "message1", "message2")...)
		},
	},
	{
		"the removal of a team's main room",
		func(t *testing.T, s Store) {
			addTeamRooms(t, s)
			must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(1, addFile(t, s, 1, "room1"))}, nil))
		},
		func(ctx context.Context, s Store) error { return s.RemoveRoom(ctx, "room1") },
		func(t *testing.T, s Store) []bool {
			_, room := s.Room(t.Context(), "room1")
			_, file := s.File(t.Context(), "file1")
			other, err := s.Room(t.Context(), "room2")
			must(t, err)
			has := append(hasMessages(t, s, "message1"), is(t, room), is(t, file), other.TeamID != "")
			return not(append(has, hasSubscriptions(t, s, "room1", "user1")...)...)
		},
	},
	{
		"joining", nothing,
		func(ctx context.Context, s Store) error {
			return s.Join(ctx, []workspace.Join{
				{Subscription: Subscription("room1", "user1"), Effects: mixed(1), Notices: Messages(1, 1, "room1")},
				{Subscription: Subscription("room1", "user2"), Effects: mixed(3), Notices: Messages(2, 2, "room1")},
			})
		},
		func(t *testing.T, s Store) []bool {
			came := append(hasMessages(t, s, "message1", "message2"), hasSubscriptions(t, s, "room1", "user1", "user2")...)
			return append(came, hasRows(t, s, "delivery1", "delivery2", "delivery3", "delivery4")...)
		},
	},
	{
		"leaving",
		func(t *testing.T, s Store) { must(t, s.Join(t.Context(), joins(Subscription("room1", "user1")))) },
		func(ctx context.Context, s Store) error {
			return s.Leave(ctx, "room1", "user1", mixed(1), Message(1, "room1"))
		},
		func(t *testing.T, s Store) []bool {
			came := append(hasMessages(t, s, "message1"), hasRows(t, s, "delivery1", "delivery2")...)
			return append(came, not(hasSubscriptions(t, s, "room1", "user1")...)...)
		},
	},
	{
		"a message's removal",
		func(t *testing.T, s Store) {
			must(t, s.AddMessages(t.Context(), []workspace.Message{Showing(1, addFile(t, s, 1, "room1"))}, nil))
		},
		func(ctx context.Context, s Store) error { return s.RemoveMessage(ctx, "message1") },
		func(t *testing.T, s Store) []bool {
			_, err := s.File(t.Context(), "file1")
			return not(append(hasMessages(t, s, "message1"), is(t, err))...)
		},
	},
	{
		"an integration's change", addKept,
		func(ctx context.Context, s Store) error {
			i := Outgoing(1)
			i.Name = "other"
			return s.SaveIntegration(ctx, i)
		},
		func(t *testing.T, s Store) []bool {
			i, err := s.Integration(t.Context(), "integration1")
			must(t, err)
			values, err := s.ScriptValues(t.Context(), "integration1", "a")
			must(t, err)
			return []bool{i.Name == "other", len(values) == 0}
		},
	},
	{
		"an integration's removal", addKept,
		func(ctx context.Context, s Store) error { return s.RemoveIntegration(ctx, "integration1", true) },
		func(t *testing.T, s Store) []bool {
			_, found := s.Integration(t.Context(), "integration1")
			_, failure := s.LastError(t.Context(), "integration1")
			options, err := s.Options(t.Context(), "integration1")
			must(t, err)
			values, err := s.ScriptValues(t.Context(), "integration1", "a")
			must(t, err)
			outages, err := s.Outages(t.Context())
			must(t, err)
			has := append(hasRows(t, s, "delivery1", "delivery2"), is(t, found), is(t, failure))
			return not(append(has, options.Ordered, len(values) > 0, len(outages) > 0)...)
		},
	},
	{
		"several permissions",
		func(t *testing.T, s Store) { must(t, s.Seed(t.Context(), Seed())) },
		func(ctx context.Context, s Store) error {
			return s.SavePermissions(ctx, []permissions.Permission{{ID: "permission1", UpdatedAt: At(50)}, {ID: "permission2", UpdatedAt: At(50)}})
		},
		func(t *testing.T, s Store) []bool {
			list, err := s.Permissions(t.Context())
			must(t, err)
			return []bool{len(list[0].Roles) == 0, len(list[1].Roles) == 0}
		},
	},
	{
		"what a script keeps",
		func(t *testing.T, s Store) { must(t, s.AddIntegration(t.Context(), Incoming(1))) },
		func(ctx context.Context, s Store) error {
			return s.SaveScriptValues(ctx, "integration1", "a", []integrations.ScriptValue{value("a", "1"), value("b", "2")})
		},
		func(t *testing.T, s Store) []bool {
			values, err := s.ScriptValues(t.Context(), "integration1", "a")
			must(t, err)
			return []bool{len(values) > 0, len(values) > 1}
		},
	},
	{
		"a seed that is begun again", nothing,
		func(ctx context.Context, s Store) error { return s.Seed(ctx, Seed()) },
		func(t *testing.T, s Store) []bool {
			seeded, err := s.Seeded(t.Context())
			must(t, err)
			if !seeded {
				must(t, s.Seed(t.Context(), Seed()))
			}
			wantSeed(t, s)
			return []bool{seeded}
		},
	},
}

func addTwoFiles(t *testing.T, s Store) {
	addFile(t, s, 1, "room1")
	addFile(t, s, 2, "room1")
}

// addKept adds an integration with all that may stand beside one.
func addKept(t *testing.T, s Store) {
	must(t, s.AddIntegration(t.Context(), Outgoing(1)))
	must(t, s.SaveLastError(t.Context(), LastError(1, "integration1")))
	must(t, s.SaveOptions(t.Context(), Options(1)))
	must(t, s.SaveScriptValues(t.Context(), "integration1", "a", []integrations.ScriptValue{value("k", "1")}))
	must(t, s.AddEffects(t.Context(), Effects(1, 2, "integration1")))
	_, err := s.AddOutage(t.Context(), Outage(1, "integration1"))
	must(t, err)
}
