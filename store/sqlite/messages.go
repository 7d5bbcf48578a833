package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// messageDoc is what columns do not hold of a message.
type messageDoc struct {
	Author    refDoc    `json:"author,omitzero"`
	Alias     string    `json:"alias,omitzero"`
	Avatar    string    `json:"avatar,omitzero"`
	Emoji     string    `json:"emoji,omitzero"`
	Groupable *bool     `json:"groupable,omitzero"`
	ParseURLs bool      `json:"parseUrls,omitzero"`
	ThreadID  string    `json:"threadId,omitzero"`
	EditedAt  time.Time `json:"editedAt,omitzero"`
	EditedBy  refDoc    `json:"editedBy,omitzero"`
	Causes    []string  `json:"causes,omitzero"`
}

func encodeMessage(m workspace.Message) (string, error) {
	return encode(messageDoc{
		Author: refDoc(m.Author), Alias: m.Alias, Avatar: m.Avatar, Emoji: m.Emoji, Groupable: m.Groupable,
		ParseURLs: m.ParseURLs, ThreadID: m.ThreadID, EditedAt: m.EditedAt, EditedBy: refDoc(m.EditedBy), Causes: m.Causes,
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
	m.At, m.UpdatedAt = moment(at), moment(updated)
	m.Author, m.Alias, m.Avatar, m.Emoji = workspace.UserRef(doc.Author), doc.Alias, doc.Avatar, doc.Emoji
	m.Groupable, m.ParseURLs, m.ThreadID, m.Causes = doc.Groupable, doc.ParseURLs, doc.ThreadID, doc.Causes
	m.EditedAt, m.EditedBy = doc.EditedAt, workspace.UserRef(doc.EditedBy)
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
		}
		return s.addEffects(t, effects)
	})
}

func insertMessage(t *tx, m workspace.Message, doc string) error {
	_, err := t.exec(`INSERT INTO messages (id, room_id, at, updated_at, text, attachments, custom, bot, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, m.RoomID, millis(m.At), millis(m.UpdatedAt), m.Text, m.Attachments, m.Custom, m.Bot, doc)
	return err
}

// SaveMessage implements workspace.MessageStore.
func (s *Store) SaveMessage(ctx context.Context, m workspace.Message, effects []workspace.Effect) error {
	doc, err := encodeMessage(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	return s.write(ctx, "save message", func(t *tx) error {
		n, err := t.exec(`UPDATE messages SET room_id = ?, at = ?, updated_at = ?, text = ?, attachments = ?,
			custom = ?, bot = ?, doc = ? WHERE id = ?`,
			m.RoomID, millis(m.At), millis(m.UpdatedAt), m.Text, m.Attachments, m.Custom, m.Bot, doc, m.ID)
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
	return s.write(ctx, "remove message", func(t *tx) error {
		n, err := t.exec("DELETE FROM messages WHERE id = ?", id)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

var messageFields = map[string]field{
	"_id":        {column: "id"},
	"msg":        {column: "text"},
	"ts":         {column: "at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Messages implements workspace.MessageStore.
func (s *Store) Messages(ctx context.Context, roomID string, page workspace.Page) ([]workspace.Message, int, error) {
	l := list{
		columns: messageColumns,
		from:    "FROM messages WHERE room_id = ?",
		args:    []any{roomID},
		fields:  messageFields,
		order:   []workspace.Order{{Field: "ts", Descending: true}},
		seq:     "seq",
	}
	messages, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (workspace.Message, error) {
		return scanMessage(rows.Scan)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read messages: %w", err)
	}
	return messages, total, nil
}
