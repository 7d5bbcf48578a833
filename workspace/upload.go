package workspace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats whose dimensions are told
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/grapnel-chat/grapnel/permissions"
)

// LooseFilesKept is how long a file waits for a message that shows it.
const LooseFilesKept = 24 * time.Hour

// pictureHead is how much of a picture is looked at for its dimensions.
const pictureHead = 256 << 10

// nameLimit is how many bytes of a file's name are kept.
const nameLimit = 255

// Upload is a file to keep in a room. Its content is read as it comes, never held as a whole.
type Upload struct {
	Room    Room
	Name    string
	Type    string // media type
	Content io.Reader
}

// UploadRoom answers the room that a user wants to upload a file to, or why they may not:
// ErrFilesOff, ErrNotAllowed where they may not see it, or the reasons for which they may not write.
func (s *Service) UploadRoom(ctx context.Context, u User, roomID string) (Room, error) {
	room, err := s.store.Room(ctx, roomID)
	if errors.Is(err, ErrNotFound) {
		return Room{}, ErrNotAllowed // whether the room exists is not told
	}
	if err != nil {
		return Room{}, fmt.Errorf("read room: %w", err)
	}
	if err := s.mayPost(ctx, u, room, ""); err != nil {
		return Room{}, err
	}
	if !s.Settings().Bool("FileUpload_Enabled") {
		return Room{}, ErrFilesOff
	}
	return room, nil
}

// Upload keeps a file in a room that UploadRoom has answered. Once it is answered, its content is on
// disk. It is forgotten after LooseFilesKept unless PostFile shows it.
func (s *Service) Upload(ctx context.Context, u User, in Upload) (File, error) {
	f := File{
		ID: NewID(), Name: fileName(in.Name), Type: in.Type, RoomID: in.Room.ID, UserID: u.ID, CreatedAt: now(),
	}
	content := in.Content
	if limit := s.FileLimit(); limit >= 0 {
		content = &limited{content: content, limit: limit}
	}
	if strings.HasPrefix(f.Type, "image/") {
		content = f.look(content)
	}
	kept, err := s.store.AddFile(ctx, f, content)
	if err != nil {
		return File{}, fmt.Errorf("keep file: %w", err)
	}
	return kept, nil
}

// FileLimit is how many bytes a file may have; negative: any number.
func (s *Service) FileLimit() int64 { return int64(s.Settings().Int("FileUpload_MaxFileSize")) }

// fileName leaves out what would break a line or a path, and what is too long.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '/' || r == '\\' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if len(name) > nameLimit {
		name = strings.ToValidUTF8(name[:nameLimit], "")
	}
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	return name
}

// limited ends with a *FileTooLarge behind the limit.
type limited struct {
	content io.Reader
	limit   int64
	read    int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.content.Read(p)
	if l.read += int64(n); l.read > l.limit {
		return 0, &FileTooLarge{Limit: l.limit}
	}
	return n, err
}

// look finds a picture's dimensions in its first bytes, and answers the whole content. What is no
// picture that is known here has none.
func (f *File) look(content io.Reader) io.Reader {
	buffered := bufio.NewReaderSize(content, pictureHead)
	head, _ := buffered.Peek(pictureHead) // what went wrong comes up again when the content is read
	if config, format, err := image.DecodeConfig(bytes.NewReader(head)); err == nil {
		f.Format, f.Width, f.Height = format, config.Width, config.Height
	}
	return buffered
}

// WaitingFile answers a file that the user has uploaded to the room and that no message shows yet,
// or ErrUnknownFile.
func (s *Service) WaitingFile(ctx context.Context, u User, room Room, id string) (File, error) {
	f, err := s.store.File(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && (f.RoomID != room.ID || f.UserID != u.ID || f.MessageID != "") {
		return File{}, ErrUnknownFile
	}
	if err != nil {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	return f, nil
}

// FilePost is a message that shows a file. The draft's targets and attachments do not matter.
type FilePost struct {
	Draft       Draft
	File        File
	Name        string // instead of the file's own; empty: that one
	Description string
}

// PostFile posts a file that waits, and raises fileUploaded along with the message's sendMessage.
func (s *Service) PostFile(ctx context.Context, in FilePost) (Message, error) {
	room, err := s.fileRoom(ctx, in)
	if err != nil {
		return Message{}, err
	}
	f := in.File
	if in.Name != "" {
		f.Name = fileName(in.Name)
	}
	m, err := s.draw(ctx, room, in.Draft)
	if err != nil {
		return Message{}, err
	}
	m.Files = []FileRef{f.Ref()}
	if m.Attachments, err = attachmentsOf(f, in.Description); err != nil {
		return Message{}, fmt.Errorf("write attachment: %w", err)
	}
	effects, err := s.planFile(ctx, in.Draft.Author, room, m)
	if err != nil {
		return Message{}, err
	}
	err = s.store.AddMessages(ctx, []Message{m}, effects)
	if errors.Is(err, ErrNotFound) { // posted by another call, or forgotten
		return Message{}, ErrUnknownFile
	}
	if err != nil {
		return Message{}, fmt.Errorf("store message: %w", err)
	}
	return m, nil
}

// fileRoom answers the file's room, which the author has joined then, or why they may not post this.
func (s *Service) fileRoom(ctx context.Context, in FilePost) (Room, error) {
	author := in.Draft.Author
	if (in.Draft.Alias != "" || in.Draft.Avatar != "") && !s.Can(author, permissions.MessageImpersonate) {
		return Room{}, ErrCannotImpersonate
	}
	if err := s.checkLength(in.Description); err != nil {
		return Room{}, err
	}
	room, err := s.store.Room(ctx, in.File.RoomID)
	if errors.Is(err, ErrNotFound) {
		return Room{}, ErrNotAllowed
	}
	if err != nil {
		return Room{}, fmt.Errorf("read room: %w", err)
	}
	if err := s.mayPost(ctx, author, room, in.Draft.Text); err != nil {
		return Room{}, err
	}
	return s.entered(ctx, Draft{Author: author}, room, nil)
}

// planFile answers what both events of a message with a file lead to.
func (s *Service) planFile(ctx context.Context, author User, room Room, m Message) ([]Effect, error) {
	stats, err := s.store.RoomStats(ctx, room.ID)
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	stats.Messages++
	stats.Last = m.At
	var effects []Effect
	for _, ev := range []Event{
		{Kind: SendMessage, At: m.At, User: author, Room: room, Message: m},
		{Kind: FileUploaded, At: m.At, User: author, Room: room, Message: m, Stats: stats},
	} {
		planned, err := s.dispatcher.Plan(ctx, ev)
		if err != nil {
			return nil, fmt.Errorf("plan effects: %w", err)
		}
		effects = append(effects, planned...)
	}
	return effects, nil
}

// ForgetFile removes a file that waits. One that a message shows stays.
func (s *Service) ForgetFile(ctx context.Context, f File) error {
	if err := s.store.RemoveWaitingFile(ctx, f.ID); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}

// OpenFile answers a file and its content, for who may read the messages of its room; one that waits
// only for who has uploaded it. The caller closes the content.
func (s *Service) OpenFile(ctx context.Context, u User, id string) (File, io.ReadSeekCloser, error) {
	f, err := s.store.File(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return File{}, nil, ErrUnknownFile
	}
	if err != nil {
		return File{}, nil, fmt.Errorf("read file: %w", err)
	}
	if f.MessageID == "" && f.UserID != u.ID {
		return File{}, nil, ErrNotAllowed
	}
	room, err := s.store.Room(ctx, f.RoomID)
	if err != nil {
		return File{}, nil, fmt.Errorf("read room: %w", err)
	}
	if _, err := s.access(ctx, u, room); err != nil {
		return File{}, nil, err
	}
	content, err := s.store.OpenFile(ctx, f.ID)
	if errors.Is(err, ErrNotFound) { // removed in between
		return File{}, nil, ErrUnknownFile
	}
	if err != nil {
		return File{}, nil, fmt.Errorf("open file: %w", err)
	}
	return f, content, nil
}
