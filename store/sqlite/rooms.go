package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// roomDoc is a room as a document.
type roomDoc struct {
	ID           string    `json:"_id,omitzero"`
	Type         string    `json:"type,omitzero"`
	Name         string    `json:"name,omitzero"`
	DisplayName  string    `json:"displayName,omitzero"`
	Topic        string    `json:"topic,omitzero"`
	Description  string    `json:"description,omitzero"`
	Creator      refDoc    `json:"creator,omitzero"`
	Members      []refDoc  `json:"members,omitzero"`
	ReadOnly     bool      `json:"readOnly,omitzero"`
	Default      bool      `json:"default,omitzero"`
	Archived     bool      `json:"archived,omitzero"`
	Broadcast    bool      `json:"broadcast,omitzero"`
	Muted        []string  `json:"muted,omitzero"`
	CustomFields []byte    `json:"customFields,omitzero"`
	TeamID       string    `json:"teamId,omitzero"`
	TeamMain     bool      `json:"teamMain,omitzero"`
	CreatedAt    time.Time `json:"_createdAt,omitzero"`
	UpdatedAt    time.Time `json:"_updatedAt,omitzero"`
}

// refDoc is a workspace.UserRef inside a document.
type refDoc struct {
	ID       string `json:"_id,omitzero"`
	Username string `json:"username,omitzero"`
	Name     string `json:"name,omitzero"`
}

func encodeRoom(r workspace.Room) (string, error) {
	return encode(roomDoc{
		ID: r.ID, Type: string(r.Type), Name: r.Name, DisplayName: r.DisplayName, Topic: r.Topic, Description: r.Description,
		Creator: refDoc(r.Creator), Members: convert(r.Members, func(u workspace.UserRef) refDoc { return refDoc(u) }),
		ReadOnly: r.ReadOnly, Default: r.Default, Archived: r.Archived, Broadcast: r.Broadcast, Muted: r.Muted,
		CustomFields: r.CustomFields, TeamID: r.TeamID, TeamMain: r.TeamMain, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	})
}

func decodeRoom(text []byte) (workspace.Room, error) {
	var r roomDoc
	if err := decode(text, &r); err != nil {
		return workspace.Room{}, fmt.Errorf("decode room: %w", err)
	}
	return workspace.Room{
		ID: r.ID, Type: workspace.RoomType(r.Type), Name: r.Name, DisplayName: r.DisplayName, Topic: r.Topic, Description: r.Description,
		Creator: workspace.UserRef(r.Creator), Members: convert(r.Members, func(u refDoc) workspace.UserRef { return workspace.UserRef(u) }),
		ReadOnly: r.ReadOnly, Default: r.Default, Archived: r.Archived, Broadcast: r.Broadcast, Muted: r.Muted,
		CustomFields: r.CustomFields, TeamID: r.TeamID, TeamMain: r.TeamMain, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}, nil
}

// AddRoom implements workspace.RoomStore.
func (s *Store) AddRoom(ctx context.Context, r workspace.Room, members []workspace.Subscription, effects []workspace.Effect, notices ...workspace.Message) error {
	return s.write(ctx, "add room", func(t *tx) error {
		t.onCommit(s.records.forgetRooms)
		if err := insertRoom(t, r); err != nil {
			return err
		}
		if err := s.subscribe(t, members); err != nil {
			return err
		}
		if err := addNotices(t, notices); err != nil {
			return err
		}
		return s.addEffects(t, effects)
	})
}

// SaveRoom implements workspace.RoomStore.
func (s *Store) SaveRoom(ctx context.Context, r workspace.Room, effects []workspace.Effect, notices ...workspace.Message) error {
	doc, err := encodeRoom(r)
	if err != nil {
		return fmt.Errorf("encode room: %w", err)
	}
	return s.write(ctx, "save room", func(t *tx) error {
		t.onCommit(s.records.forgetRooms)
		n, err := t.exec(`UPDATE rooms SET type = ?, name = ?, name_key = ?, unique_name = ?, created_at = ?, updated_at = ?, team_id = ?,
			team_main = ?, doc = ? WHERE id = ?`, string(r.Type), r.Name, fold(r.Name), uniqueName(r), millis(r.CreatedAt), millis(r.UpdatedAt),
			teamID(r), r.TeamMain, doc, r.ID)
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

// renameInRooms gives the rooms that name a user the new name.
func (s *Store) renameInRooms(t *tx, old, u workspace.User) error {
	t.onCommit(s.records.forgetRooms)
	rows, err := t.returning("SELECT doc FROM rooms WHERE instr(doc, ?) OR instr(doc, ?)", old.ID, old.Username)
	if err != nil {
		return err
	}
	var rooms []workspace.Room
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return errors.Join(err, rows.Close())
		}
		r, err := decodeRoom(text)
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		rooms = append(rooms, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, r := range rooms {
		doc, err := encodeRoom(renamed(r, old, u))
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE rooms SET doc = ? WHERE id = ?", doc, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func renamed(r workspace.Room, old, u workspace.User) workspace.Room {
	if r.Creator.ID == u.ID {
		r.Creator = u.Ref()
	}
	for n := range r.Members {
		if r.Members[n].ID == u.ID {
			r.Members[n] = u.Ref()
		}
	}
	for n := range r.Muted {
		if r.Muted[n] == old.Username {
			r.Muted[n] = u.Username
		}
	}
	return r
}

// RemoveRoom implements workspace.RoomStore.
func (s *Store) RemoveRoom(ctx context.Context, id string) error {
	return s.writeAndClear(ctx, "remove room", func(t *tx) error {
		t.onCommit(s.records.forgetRooms)
		t.onCommit(s.records.subscriptions.forget)
		if err := disband(t, id); err != nil {
			return err
		}
		n, err := t.exec("DELETE FROM rooms WHERE id = ?", id)
		if err == nil && n == 0 {
			err = workspace.ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM subscriptions WHERE room_id = ?", id); err != nil {
			return err
		}
		if _, err = t.exec("DELETE FROM messages WHERE room_id = ?", id); err != nil {
			return err
		}
		_, err = t.exec("UPDATE files SET state = ? WHERE room_id = ? AND state <> ?", dropped, id, arriving)
		return err
	})
}

// disband takes the rooms of the team whose main room that is out of it.
func disband(t *tx, mainRoomID string) error {
	_, err := t.exec(`UPDATE rooms SET team_id = NULL, doc = json_remove(doc, '$.teamId') WHERE id <> ?1 AND team_main = 0
		AND team_id = (SELECT team_id FROM rooms WHERE id = ?1 AND team_main = 1)`, mainRoomID)
	return err
}

func insertRoom(t *tx, r workspace.Room) error {
	doc, err := encodeRoom(r)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO rooms (id, type, name, name_key, unique_name, created_at, updated_at, team_id, team_main, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, string(r.Type), r.Name, fold(r.Name), uniqueName(r), millis(r.CreatedAt), millis(r.UpdatedAt), teamID(r), r.TeamMain, doc)
	return err
}

// teamID is nil for rooms of no team.
func teamID(r workspace.Room) any {
	if r.TeamID == "" {
		return nil
	}
	return r.TeamID
}

// uniqueName is nil for direct rooms, of whose names there may be many alike.
func uniqueName(r workspace.Room) any {
	if r.Type == workspace.Direct {
		return nil
	}
	return r.Name
}

// Room implements workspace.RoomStore.
func (s *Store) Room(ctx context.Context, id string) (workspace.Room, error) {
	return s.records.rooms.find(id, func() (workspace.Room, error) {
		return s.readRoom(ctx, "SELECT doc FROM rooms WHERE id = ?", id)
	})
}

// RoomByName implements workspace.RoomStore.
func (s *Store) RoomByName(ctx context.Context, name string) (workspace.Room, error) {
	return s.records.roomNames.find(name, func() (workspace.Room, error) {
		return s.readRoom(ctx, "SELECT doc FROM rooms WHERE unique_name = ?", name)
	})
}

func (s *Store) readRoom(ctx context.Context, query, key string) (workspace.Room, error) {
	var text []byte
	if err := s.reads.one(ctx, query, []any{key}, &text); err != nil {
		return workspace.Room{}, fmt.Errorf("read room: %w", err)
	}
	return decodeRoom(text)
}

var roomFields = map[string]field{
	"_id":        {column: "id"},
	"t":          {column: "type"},
	"name":       {column: "name"},
	"ts":         {column: "created_at", time: true},
	"_createdAt": {column: "created_at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Rooms implements workspace.RoomStore.
func (s *Store) Rooms(ctx context.Context, filter workspace.RoomFilter, page workspace.Page) ([]workspace.Room, int, error) {
	l := list{columns: "doc", from: "FROM rooms WHERE TRUE", fields: roomFields, seq: "seq"}
	if filter.Type != "" {
		l.and("type = ?", string(filter.Type))
	}
	if filter.TeamID != "" {
		l.and("team_id = ?", filter.TeamID)
	}
	if filter.Main {
		l.and("team_id IS NOT NULL AND team_main = 1") // so that the index over teams serves
	}
	if filter.Member != "" {
		l.and("id IN (SELECT room_id FROM subscriptions WHERE user_id = ?)", filter.Member)
	}
	if filter.Text != "" {
		l.and("instr(name_key, ?)", fold(filter.Text))
	}
	rooms, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (workspace.Room, error) {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return workspace.Room{}, err
		}
		return decodeRoom(text)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read rooms: %w", err)
	}
	return rooms, total, nil
}

// RoomStats implements workspace.RoomStore.
func (s *Store) RoomStats(ctx context.Context, roomID string) (workspace.RoomStats, error) {
	var stats workspace.RoomStats
	var last sql.NullInt64
	err := s.reads.one(ctx, `SELECT (SELECT count(*) FROM messages WHERE room_id = ?1),
		(SELECT count(*) FROM subscriptions WHERE room_id = ?1),
		(SELECT count(*) FROM subscriptions, json_each(doc, '$.roles') WHERE room_id = ?1 AND json_each.value = ?2),
		(SELECT at FROM messages WHERE room_id = ?1 AND json_extract(doc, '$.kind') IS NULL ORDER BY at DESC LIMIT 1)`,
		[]any{roomID, workspace.RoleOwner}, &stats.Messages, &stats.Members, &stats.Owners, &last)
	if err != nil {
		return workspace.RoomStats{}, fmt.Errorf("count what stands in a room: %w", err)
	}
	if last.Valid {
		stats.Last = moment(last.Int64)
	}
	return stats, nil
}
