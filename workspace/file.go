package workspace

import (
	"fmt"
	"net/url"
	"time"
)

// File is what somebody uploaded into a room.
type File struct {
	ID        string
	Name      string
	Type      string // media type
	Format    string // of a picture that could be read: png, jpeg or gif
	Width     int    // of such a picture
	Height    int
	Size      int64
	RoomID    string
	UserID    string
	MessageID string // of the message that shows it; empty: none does yet
	CreatedAt time.Time
}

// Ref is how a message names the file.
func (f File) Ref() FileRef {
	return FileRef{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Format: f.Format}
}

// Path is where the file is read, under the site's URL.
func (f File) Path() string { return "/file-upload/" + f.ID + "/" + url.PathEscape(f.Name) }

// FileRef names a file that a message shows.
type FileRef struct {
	ID, Name, Type string
	Size           int64
	Format         string
}

// FileTooLarge refuses a file over the setting FileUpload_MaxFileSize.
type FileTooLarge struct{ Limit int64 }

// Error names the limit.
func (e *FileTooLarge) Error() string { return fmt.Sprintf("file is larger than %d bytes", e.Limit) }
