package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// messageDoc is what columns do not hold of a message.
type messageDoc struct {
	Kind      string    `json:"kind,omitzero"`
	Author    refDoc    `json:"author,omitzero"`
	Alias     string    `json:"alias,omitzero"`
	Avatar    string    `json:"avatar,omitzero"`
	Emoji     string    `json:"emoji,omitzero"`
	Groupable *bool     `json:"groupable,omitzero"`
	ParseURLs bool      `json:"parseUrls,omitzero"`
	ThreadID  string    `json:"threadId,omitzero"`
	InRoom    bool      `json:"inRoom,omitzero"`
	EditedAt  time.Time `json:"editedAt,omitzero"`
	EditedBy  refDoc    `json:"editedBy,omitzero"`
	Causes    []string  `json:"causes,omitzero"`

	Reactions []reactionDoc `json:"reactions,omitzero"`
	Files     []fileRefDoc  `json:"files,omitzero"`
}

// fileRefDoc is a workspace.FileRef inside a document.
type fileRefDoc struct {
	ID     string `json:"_id,omitzero"`
	Name   string `json:"name,omitzero"`
	Type   string `json:"type,omitzero"`
	Size   int64  `json:"size,omitzero"`
	Format string `json:"format,omitzero"`
}

// reactionDoc is a workspace.Reaction inside a document.
type reactionDoc struct {
	Emoji     string   `json:"emoji,omitzero"`
	Usernames []string `json:"usernames,omitzero"`
}

func encodeMessage(m workspace.Message) (string, error) {
	return encode(messageDoc{
		Kind: string(m.Kind), Author: refDoc(m.Author), Alias: m.Alias, Avatar: m.Avatar, Emoji: m.Emoji, Groupable: m.Groupable,
		ParseURLs: m.ParseURLs, ThreadID: m.ThreadID, InRoom: m.InRoom, EditedAt: m.EditedAt, EditedBy: refDoc(m.EditedBy), Causes: m.Causes,
		Reactions: convert(m.Reactions, func(r workspace.Reaction) reactionDoc { return reactionDoc(r) }),
		Files:     convert(m.Files, func(f workspace.FileRef) fileRefDoc { return fileRefDoc(f) }),
	})
}

const messageColumns = "id, room_id, at, updated_at, text, attachments, custom, bot, doc"

func scanMessage(scan func(into ...any) error) (workspace.Message, error) {
	var m workspace.Message
	var at, updated int64
	var text []byte
	if err := scan(&m.ID, &m.RoomID, &at, &updated, &m.Text, &m.Attachments, &m.Custom, &m.Bot, &text); err != nil {
		return workspace.Message{}, err
	}
	var doc messageDoc
	if err := decode(text, &doc); err != nil {
		return workspace.Message{}, fmt.Errorf("decode message: %w", err)
	}
	m.At, m.UpdatedAt, m.Kind = moment(at), moment(updated), workspace.NoticeKind(doc.Kind)
	m.Author, m.Alias, m.Avatar, m.Emoji = workspace.UserRef(doc.Author), doc.Alias, doc.Avatar, doc.Emoji
	m.Groupable, m.ParseURLs, m.ThreadID, m.InRoom, m.Causes = doc.Groupable, doc.ParseURLs, doc.ThreadID, doc.InRoom, doc.Causes
	m.EditedAt, m.EditedBy = doc.EditedAt, workspace.UserRef(doc.EditedBy)
	m.Reactions = convert(doc.Reactions, func(r reactionDoc) workspace.Reaction { return workspace.Reaction(r) })
	m.Files = convert(doc.Files, func(f fileRefDoc) workspace.FileRef { return workspace.FileRef(f) })
	return m, nil
}

// AddMessages implements workspace.MessageStore.
func (s *Store) AddMessages(ctx context.Context, messages []workspace.Message, effects []workspace.Effect) error {
	docs := make([]string, len(messages)) // encoded here, so that the writer need not
	for i, m := range messages {
		var err error
		if docs[i], err = encodeMessage(m); err != nil {
			return fmt.Errorf("encode message: %w", err)
		}
	}
	return s.write(ctx, "add messages", func(t *tx) error {
		for i, m := range messages {
			if err := insertMessage(t, m, docs[i]); err != nil {
				return err
			}
			if err := showFiles(t, m); err != nil {
				return err
			}
		}
		return s.addEffects(t, effects)
	})
}

func insertMessage(t *tx, m workspace.Message, doc string) error {
	_, err := t.exec(`INSERT INTO messages (id, room_id, at, updated_at, text, attachments, custom, bot, thread_id, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, m.RoomID, millis(m.At), millis(m.UpdatedAt), m.Text, m.Attachments, m.Custom, m.Bot, threadID(m), doc)
	return err
}

// addNotices adds messages that tell of what is written along with them.
func addNotices(t *tx, notices []workspace.Message) error {
	for _, m := range notices {
		doc, err := encodeMessage(m)
		if err != nil {
			return fmt.Errorf("encode notice: %w", err)
		}
		if err := insertMessage(t, m, doc); err != nil {
			return err
		}
	}
	return nil
}

// threadID is nil outside of threads.
func threadID(m workspace.Message) any {
	if m.ThreadID == "" {
		return nil
	}
	return m.ThreadID
}

// SaveMessage implements workspace.MessageStore.
func (s *Store) SaveMessage(ctx context.Context, m workspace.Message, effects []workspace.Effect) error {
	doc, err := encodeMessage(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	return s.write(ctx, "save message", func(t *tx) error {
		n, err := t.exec(`UPDATE messages SET room_id = ?, at = ?, updated_at = ?, text = ?, attachments = ?,
			custom = ?, bot = ?, thread_id = ?, doc = ? WHERE id = ?`,
			m.RoomID, millis(m.At), millis(m.UpdatedAt), m.Text, m.Attachments, m.Custom, m.Bot, threadID(m), doc, m.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return workspace.ErrNotFound
		}
		return s.addEffects(t, effects)
	})
}

// Message implements workspace.MessageStore.
func (s *Store) Message(ctx context.Context, id string) (workspace.Message, error) {
	m, err := scanMessage(func(into ...any) error {
		return s.reads.one(ctx, "SELECT "+messageColumns+" FROM messages WHERE id = ?", []any{id}, into...)
	})
	if err != nil {
		return workspace.Message{}, fmt.Errorf("read message: %w", err)
	}
	return m, nil
}

// RemoveMessage implements workspace.MessageStore.
func (s *Store) RemoveMessage(ctx context.Context, id string) error {
	return s.writeAndClear(ctx, "remove message", func(t *tx) error {
		n, err := t.exec("DELETE FROM messages WHERE id = ?", id)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

const (
	newestGone = "SELECT at, seq FROM messages WHERE room_id = ? ORDER BY at DESC, seq DESC LIMIT 1 OFFSET ?"
	removeOld  = `DELETE FROM messages WHERE seq IN (SELECT seq FROM messages
		WHERE room_id = ?1 AND (at, seq) <= (?2, ?3) ORDER BY at, seq LIMIT ?4)`
)

// RemoveOldMessages implements workspace.MessageStore. The writer only deletes: which message is the
// newest to go is looked up beside it.
func (s *Store) RemoveOldMessages(ctx context.Context, roomID string, kept workspace.Kept, limit int) (int, error) {
	at, seq := int64(math.MinInt64), int64(0)
	if !kept.Since.IsZero() {
		at, seq = millis(kept.Since)-1, math.MaxInt64
	}
	if kept.Newest > 0 {
		var goneAt, goneSeq int64
		err := s.reads.one(ctx, newestGone, []any{roomID, kept.Newest}, &goneAt, &goneSeq)
		if err != nil && !errors.Is(err, workspace.ErrNotFound) {
			return 0, fmt.Errorf("read old messages: %w", err)
		}
		if err == nil && goneAt > at {
			at, seq = goneAt, goneSeq
		}
	}
	var removed int64
	err := s.write(ctx, "remove old messages", func(t *tx) (err error) {
		removed, err = t.exec(removeOld, roomID, at, seq, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(removed), nil
}

// andBetween leaves out what lies outside of a time.
func (l *list) andBetween(f workspace.MessageFilter) {
	after, before := ">", "<"
	if f.Bounds {
		after, before = ">=", "<="
	}
	if !f.After.IsZero() {
		l.and("at "+after+" ?", millis(f.After))
	}
	if !f.Before.IsZero() {
		l.and("at "+before+" ?", millis(f.Before))
	}
}

var messageFields = map[string]field{
	"_id":        {column: "id"},
	"msg":        {column: "text"},
	"ts":         {column: "at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Messages implements workspace.MessageStore.
func (s *Store) Messages(ctx context.Context, filter workspace.MessageFilter, page workspace.Page) ([]workspace.Message, int, error) {
	l := list{
		columns: messageColumns,
		from:    "FROM messages WHERE TRUE",
		fields:  messageFields,
		order:   []workspace.Order{{Field: "ts", Descending: true}},
		seq:     "seq",
	}
	if filter.RoomID != "" {
		l.and("room_id = ?", filter.RoomID)
	}
	if filter.ThreadID != "" {
		l.and("thread_id = ?", filter.ThreadID)
	}
	l.andBetween(filter)
	messages, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (workspace.Message, error) {
		return scanMessage(rows.Scan)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read messages: %w", err)
	}
	return messages, total, nil
}
