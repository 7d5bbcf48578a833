package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The states of a file. Only those that wait or are posted can be read. One that is arriving belongs
// to its upload: nothing else touches it.
const (
	arriving = "arriving"
	waiting  = "waiting"
	posted   = "posted"
	dropped  = "dropped"
)

// fileDoc is what columns do not hold of a file.
type fileDoc struct {
	Name   string `json:"name,omitzero"`
	Type   string `json:"type,omitzero"`
	Format string `json:"format,omitzero"`
	Width  int    `json:"width,omitzero"`
	Height int    `json:"height,omitzero"`
	Size   int64  `json:"size,omitzero"`
}

func encodeFile(f workspace.File) (string, error) {
	return encode(fileDoc{Name: f.Name, Type: f.Type, Format: f.Format, Width: f.Width, Height: f.Height, Size: f.Size})
}

// AddFile implements workspace.FileStore. The record comes first, so that a content without one
// cannot be.
func (s *Store) AddFile(ctx context.Context, f workspace.File, content io.Reader) (workspace.File, error) {
	if err := s.announce(ctx, f); err != nil {
		return workspace.File{}, err
	}
	kept, err := s.receive(ctx, f, content)
	if err != nil {
		// What this leaves on a full disk is dropped at the next start.
		_ = s.writeAndClear(context.WithoutCancel(ctx), "drop file", func(t *tx) error {
			_, err := t.exec("UPDATE files SET state = ? WHERE id = ? AND state = ?", dropped, f.ID, arriving)
			return err
		})
		return workspace.File{}, err
	}
	return kept, nil
}

func (s *Store) announce(ctx context.Context, f workspace.File) error {
	doc, err := encodeFile(f)
	if err != nil {
		return fmt.Errorf("encode file: %w", err)
	}
	return s.write(ctx, "announce file", func(t *tx) error {
		_, err := t.exec("INSERT INTO files (id, room_id, user_id, state, created_at, doc) VALUES (?, ?, ?, ?, ?, ?)",
			f.ID, f.RoomID, f.UserID, arriving, millis(f.CreatedAt), doc)
		return err
	})
}

// receive writes the content and then lets the file be read.
func (s *Store) receive(ctx context.Context, f workspace.File, content io.Reader) (workspace.File, error) {
	size, err := s.uploads.keep(f.ID, content)
	if err != nil {
		return workspace.File{}, fmt.Errorf("write file: %w", err)
	}
	f.Size, f.MessageID = size, ""
	doc, err := encodeFile(f)
	if err != nil {
		return workspace.File{}, fmt.Errorf("encode file: %w", err)
	}
	return f, s.write(ctx, "add file", func(t *tx) error {
		_, err := t.exec("UPDATE files SET state = ?, doc = ? WHERE id = ?", waiting, doc, f.ID)
		return err
	})
}

// File implements workspace.FileStore.
func (s *Store) File(ctx context.Context, id string) (workspace.File, error) {
	f := workspace.File{ID: id}
	var messageID sql.NullString
	var at int64
	var text []byte
	err := s.reads.one(ctx, "SELECT room_id, user_id, message_id, created_at, doc FROM files WHERE id = ? AND state IN (?, ?)",
		[]any{id, waiting, posted}, &f.RoomID, &f.UserID, &messageID, &at, &text)
	if err != nil {
		return workspace.File{}, fmt.Errorf("read file: %w", err)
	}
	var doc fileDoc
	if err := decode(text, &doc); err != nil {
		return workspace.File{}, fmt.Errorf("decode file: %w", err)
	}
	f.MessageID, f.CreatedAt = messageID.String, moment(at)
	f.Name, f.Type, f.Format, f.Width, f.Height, f.Size = doc.Name, doc.Type, doc.Format, doc.Width, doc.Height, doc.Size
	return f, nil
}

// OpenFile implements workspace.FileStore.
func (s *Store) OpenFile(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	if _, err := s.File(ctx, id); err != nil {
		return nil, err
	}
	content, err := s.uploads.open(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open file: %w: %w", workspace.ErrNotFound, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return content, nil
}

// showFiles gives the message the files that it shows.
func showFiles(t *tx, m workspace.Message) error {
	for _, f := range m.Files {
		n, err := t.exec("UPDATE files SET state = ?, message_id = ? WHERE id = ? AND state = ?", posted, m.ID, f.ID, waiting)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("file %s: %w", f.ID, workspace.ErrNotFound)
		}
	}
	return nil
}

// RemoveWaitingFile implements workspace.FileStore.
func (s *Store) RemoveWaitingFile(ctx context.Context, id string) error {
	return s.writeAndClear(ctx, "remove file", func(t *tx) error {
		n, err := t.exec("UPDATE files SET state = ? WHERE id = ? AND state = ?", dropped, id, waiting)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

// RemoveWaitingFiles implements workspace.FileStore.
func (s *Store) RemoveWaitingFiles(ctx context.Context, before time.Time) error {
	err := s.write(ctx, "drop files", func(t *tx) error {
		_, err := t.exec("UPDATE files SET state = ? WHERE state = ? AND created_at < ?", dropped, waiting, millis(before))
		return err
	})
	if err != nil {
		return err
	}
	return s.clear(ctx)
}

// writeAndClear is write for what may drop files. Their contents go at once; what cannot be removed
// now is tried again by the next sweep, which says why.
func (s *Store) writeAndClear(ctx context.Context, action string, do func(*tx) error) error {
	if err := s.write(ctx, action, do); err != nil {
		return err
	}
	_ = s.clear(context.WithoutCancel(ctx))
	return nil
}

// clear removes the contents of files that were dropped, and then their records.
func (s *Store) clear(ctx context.Context) error {
	var ids []string
	err := s.reads.all(ctx, "SELECT id FROM files WHERE state = 'dropped'", nil, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("read dropped files: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	var failures []error
	for _, id := range ids {
		if err := s.uploads.remove(id); err != nil {
			failures = append(failures, fmt.Errorf("remove content of file: %w", err))
			continue
		}
		failures = append(failures, s.write(ctx, "forget file", func(t *tx) error {
			_, err := t.exec("DELETE FROM files WHERE id = ? AND state = ?", id, dropped)
			return err
		}))
	}
	return errors.Join(failures...)
}
