package mongo

import (
	"cmp"
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// roomDoc is a room as Rocket.Chat keeps it. How many messages stand in it and when the last one came
// is not kept in it: these are counted.
type roomDoc struct {
	ID           string        `bson:"_id"`
	Type         string        `bson:"t"`
	Name         string        `bson:"name,omitzero"`
	DisplayName  string        `bson:"fname,omitzero"`
	Topic        string        `bson:"topic,omitzero"`
	Description  string        `bson:"description,omitzero"`
	Creator      refDoc        `bson:"u"`
	UserIDs      []string      `bson:"uids,omitzero"`
	Usernames    []string      `bson:"usernames,omitzero"`
	ReadOnly     bool          `bson:"ro"`
	Default      bool          `bson:"default,omitzero"`
	Archived     bool          `bson:"archived,omitzero"`
	Broadcast    bool          `bson:"broadcast,omitzero"`
	Muted        []string      `bson:"muted,omitzero"`
	CustomFields bson.RawValue `bson:"customFields,omitzero"`
	TeamID       string        `bson:"teamId,omitzero"`
	TeamMain     bool          `bson:"teamMain,omitzero"`
	CreatedAt    time.Time     `bson:"ts"`
	UpdatedAt    time.Time     `bson:"_updatedAt"`
	Ours         roomOurs      `bson:"grapnel"`
}

// roomOurs is what Rocket.Chat's members do not hold. Its index over names has no place for those of
// direct rooms, which may be alike.
type roomOurs struct {
	Name         string   `bson:"name,omitzero"`
	MemberNames  []string `bson:"memberNames,omitzero"`
	CustomFields []byte   `bson:"customFields,omitzero"`
}

// refDoc is a workspace.UserRef inside a document.
type refDoc struct {
	ID       string `bson:"_id,omitzero"`
	Username string `bson:"username,omitzero"`
	Name     string `bson:"name,omitzero"`
}

func encodeRoom(r workspace.Room) roomDoc {
	d := roomDoc{
		ID: r.ID, Type: string(r.Type), Name: r.Name, DisplayName: r.DisplayName, Topic: r.Topic, Description: r.Description,
		Creator: refDoc(r.Creator), ReadOnly: r.ReadOnly, Default: r.Default, Archived: r.Archived, Broadcast: r.Broadcast,
		Muted: r.Muted, TeamID: r.TeamID, TeamMain: r.TeamMain, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Type == workspace.Direct {
		d.Name, d.Ours.Name = "", r.Name
	}
	d.UserIDs = convert(r.Members, func(u workspace.UserRef) string { return u.ID })
	d.Usernames = convert(r.Members, func(u workspace.UserRef) string { return u.Username })
	d.Ours.MemberNames = convert(r.Members, func(u workspace.UserRef) string { return u.Name })
	d.CustomFields, d.Ours.CustomFields = opaque(r.CustomFields)
	return d
}

func decodeRoom(d roomDoc) workspace.Room {
	r := workspace.Room{
		ID: d.ID, Type: workspace.RoomType(d.Type), Name: d.Name, DisplayName: d.DisplayName, Topic: d.Topic, Description: d.Description,
		Creator: workspace.UserRef(d.Creator), ReadOnly: d.ReadOnly, Default: d.Default, Archived: d.Archived, Broadcast: d.Broadcast,
		Muted: d.Muted, CustomFields: opaqueText(d.CustomFields, d.Ours.CustomFields), TeamID: d.TeamID, TeamMain: d.TeamMain,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
	if r.Type == workspace.Direct {
		r.Name = d.Ours.Name
	}
	at := func(list []string, n int) string {
		if len(list) != len(d.UserIDs) {
			return ""
		}
		return list[n]
	}
	if d.UserIDs != nil {
		r.Members = make([]workspace.UserRef, len(d.UserIDs))
	}
	for n, id := range d.UserIDs {
		r.Members[n] = workspace.UserRef{ID: id, Username: at(d.Usernames, n), Name: at(d.Ours.MemberNames, n)}
	}
	return r
}

// AddRoom implements workspace.RoomStore.
func (s *Store) AddRoom(ctx context.Context, r workspace.Room, members []workspace.Subscription, effects []workspace.Effect, notices ...workspace.Message) error {
	known, err := s.around(ctx, members, []workspace.Room{r}, nil)
	if err != nil {
		return failed(ctx, "add room", err)
	}
	l := newLead(roomsName, r.ID)
	f := follower{rows: s.newRows(effects), parts: append(subscriptionParts(members, known), s.messageParts(notices)...)}
	return failed(ctx, "add room", s.together(ctx, l, f, func() error {
		_, err := s.in(roomsName).InsertOne(ctx, insertion(encodeRoom(r), l.marked(s.seq(r.CreatedAt))...))
		return err
	}))
}

// SaveRoom implements workspace.RoomStore.
func (s *Store) SaveRoom(ctx context.Context, r workspace.Room, effects []workspace.Effect, notices ...workspace.Message) error {
	old, err := readOne[roomDoc](ctx, s.in(roomsName), bson.D{is("_id", r.ID)})
	if err != nil {
		return failed(ctx, "save room", err)
	}
	d := encodeRoom(r)
	d.CustomFields, d.Ours.CustomFields = unchanged(d.CustomFields, d.Ours.CustomFields, old.CustomFields, old.Ours.CustomFields)
	l := newLead(roomsName, r.ID)
	f := follower{rows: s.newRows(effects), parts: s.messageParts(notices)}
	err = s.together(ctx, l, f, func() error {
		return s.updateOne(ctx, roomsName, r.ID, l.leading(change(d)))
	})
	if err != nil {
		return failed(ctx, "save room", err)
	}
	if r.Type != workspace.Direct && (old.Name != r.Name || old.DisplayName != r.DisplayName || old.Type != string(r.Type)) {
		_ = s.nameAnew(context.WithoutCancel(ctx), r) // nobody reads it here
	}
	return nil
}

// renameInRooms gives the rooms that name a user the name that the user has now.
func (s *Store) renameInRooms(ctx context.Context, userID, old string) error {
	u, err := s.User(ctx, userID)
	if err != nil {
		return ignoreMissing(err)
	}
	rooms := s.in(roomsName)
	named := bson.D{is("$set", bson.D{is("u.username", u.Username), is("u.name", u.Name)})}
	if _, err := rooms.UpdateMany(ctx, bson.D{is("u._id", userID)}, named); err != nil {
		return err
	}
	find := options.Find().SetProjection(bson.D{is("t", 1), is("uids", 1), is("usernames", 1), is("grapnel.memberNames", 1)}).SetLimit(mostRecords)
	in, err := readAll[roomDoc](ctx, rooms, bson.D{is("uids", userID)}, find)
	if err != nil {
		return err
	}
	for _, d := range in {
		if err := s.renameMember(ctx, d, u); err != nil {
			return err
		}
	}
	if _, err := s.in(subscriptionsName).UpdateMany(ctx, bson.D{is("u._id", userID)}, named); err != nil {
		return err
	}
	if old == u.Username {
		return nil
	}
	_, err = rooms.UpdateMany(ctx, bson.D{is("muted", old)}, bson.D{is("$set", bson.D{is("muted.$", u.Username)})})
	return err
}

func (s *Store) renameMember(ctx context.Context, d roomDoc, u workspace.User) error {
	r := decodeRoom(d)
	for n := range r.Members {
		if r.Members[n].ID == u.ID {
			r.Members[n] = u.Ref()
		}
	}
	renamed := encodeRoom(r)
	_, err := s.in(roomsName).UpdateOne(ctx, bson.D{is("_id", d.ID), is("uids", d.UserIDs)}, bson.D{is("$set", bson.D{
		is("usernames", renamed.Usernames), is("grapnel.memberNames", renamed.Ours.MemberNames),
	})})
	if err != nil || r.Type != workspace.Direct {
		return err
	}
	others := bson.D{is("rid", r.ID), is("u._id", op("$ne", u.ID))}
	named := bson.D{is("$set", bson.D{is("name", u.Username), is("fname", cmp.Or(u.Name, u.Username))})}
	_, err = s.in(subscriptionsName).UpdateMany(ctx, others, named)
	return err
}

// RemoveRoom implements workspace.RoomStore.
func (s *Store) RemoveRoom(ctx context.Context, id string) error {
	return failed(ctx, "remove room", s.removeRoom(ctx, id))
}

func (s *Store) removeRoom(ctx context.Context, id string) error {
	d, err := readOne[roomDoc](ctx, s.in(roomsName), bson.D{is("_id", id)})
	if err != nil {
		return err
	}
	n := newNote(roomRemoved, id)
	if d.TeamMain {
		n.More = d.TeamID
	}
	return s.noted(ctx, n, func() error { return s.deleteOne(ctx, roomsName, bson.D{is("_id", id)}) })
}

// clearRoom removes what a room that was removed leaves behind. If it was the main one of a team, the
// team's other rooms are in none any more.
func (s *Store) clearRoom(ctx context.Context, id, team string) error {
	if team != "" {
		others := bson.D{is("teamId", team), is("teamMain", op("$ne", true))}
		if _, err := s.in(roomsName).UpdateMany(ctx, others, bson.D{is("$unset", bson.D{is("teamId", "")})}); err != nil {
			return err
		}
	}
	if err := s.deleteMany(ctx, subscriptionsName, bson.D{is("rid", id)}); err != nil {
		return err
	}
	return s.clearMessages(ctx, id)
}

// clearMessages removes the messages and files of a room.
func (s *Store) clearMessages(ctx context.Context, roomID string) error {
	if err := s.deleteMany(ctx, messagesName, bson.D{is("rid", roomID)}); err != nil {
		return err
	}
	return s.dropFiles(ctx, bson.D{is("rid", roomID)})
}

// Room implements workspace.RoomStore.
func (s *Store) Room(ctx context.Context, id string) (workspace.Room, error) {
	return s.readRoom(ctx, is("_id", id))
}

// RoomByName implements workspace.RoomStore.
func (s *Store) RoomByName(ctx context.Context, name string) (workspace.Room, error) {
	return s.readRoom(ctx, is("name", name))
}

func (s *Store) readRoom(ctx context.Context, key bson.E) (workspace.Room, error) {
	d, err := readOne[roomDoc](ctx, s.in(roomsName), bson.D{key})
	if err != nil {
		return workspace.Room{}, failed(ctx, "read room", err)
	}
	return decodeRoom(d), nil
}

var roomFields = map[string]field{
	"_id":        {path: "_id"},
	"t":          {path: "t"},
	"name":       {path: "name"},
	"ts":         {path: "ts", time: true},
	"_createdAt": {path: "ts", time: true},
	"_updatedAt": {path: "_updatedAt", time: true},
}

// Rooms implements workspace.RoomStore.
func (s *Store) Rooms(ctx context.Context, filter workspace.RoomFilter, page workspace.Page) ([]workspace.Room, int, error) {
	l := list{collection: roomsName, fields: roomFields, seq: seqPath}
	if filter.Type != "" {
		l.and(is("t", string(filter.Type)))
	}
	switch {
	case filter.TeamID != "":
		l.and(is("teamId", filter.TeamID))
	case filter.Main:
		l.and(is("teamId", op("$exists", true)))
	}
	if filter.Main {
		l.and(is("teamMain", true))
	}
	if filter.Member != "" {
		in, err := s.texts(ctx, subscriptionsName, "rid", bson.D{is("u._id", filter.Member)})
		if err != nil {
			return nil, 0, failed(ctx, "read rooms", err)
		}
		l.and(is("_id", op("$in", noNil(in))))
		l.index = byID
	}
	if len(l.filter) == 0 {
		l.index = bySeq
	}
	if filter.Text != "" {
		l.and(is("$or", bson.A{bson.D{is("name", contains(filter.Text))}, bson.D{is("grapnel.name", contains(filter.Text))}}))
	}
	rooms, total, err := readPage(ctx, s, l, page, decodeRoom)
	return rooms, total, failed(ctx, "read rooms", err)
}

// RoomStats implements workspace.RoomStore.
func (s *Store) RoomStats(ctx context.Context, roomID string) (workspace.RoomStats, error) {
	stats, err := s.roomStats(ctx, roomID)
	return stats, failed(ctx, "count what stands in a room", err)
}

func (s *Store) roomStats(ctx context.Context, roomID string) (stats workspace.RoomStats, err error) {
	in := is("rid", roomID)
	if stats.Messages, err = s.count(ctx, messagesName, bson.D{in}); err != nil {
		return stats, err
	}
	if stats.Members, err = s.count(ctx, subscriptionsName, bson.D{in}); err != nil {
		return stats, err
	}
	if stats.Owners, err = s.count(ctx, subscriptionsName, bson.D{in, is("roles", workspace.RoleOwner)}); err != nil {
		return stats, err
	}
	last := options.Find().SetSort(bson.D{is("ts", -1), is(seqPath, -1)}).SetProjection(bson.D{is("ts", 1)}).SetLimit(1)
	found, err := readAll[messageDoc](ctx, s.in(messagesName), bson.D{in, is("t", op("$exists", false))}, last)
	if err == nil && len(found) > 0 {
		stats.Last = found[0].At
	}
	return stats, err
}
