package workspace

import (
	"path"
	"strings"

	"github.com/go-json-experiment/json"
)

// fileAttachment is the card by which a message shows a file. It is kept as clients read it, as
// every attachment is.
type fileAttachment struct {
	Title       string `json:"title"`
	Type        string `json:"type"`
	Format      string `json:"format,omitzero"`
	Description string `json:"description,omitzero"`
	Link        string `json:"title_link"`
	Download    bool   `json:"title_link_download"`
	Size        int64  `json:"size,omitzero"`

	ImageURL   string      `json:"image_url,omitzero"`
	ImageType  string      `json:"image_type,omitzero"`
	ImageSize  int64       `json:"image_size,omitzero"`
	Dimensions *dimensions `json:"image_dimensions,omitzero"`

	VideoURL  string `json:"video_url,omitzero"`
	VideoType string `json:"video_type,omitzero"`
	VideoSize int64  `json:"video_size,omitzero"`

	AudioURL  string `json:"audio_url,omitzero"`
	AudioType string `json:"audio_type,omitzero"`
	AudioSize int64  `json:"audio_size,omitzero"`
}

type dimensions struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// attachmentsOf are the attachments of a message that shows the file.
func attachmentsOf(f File, description string) ([]byte, error) {
	a := fileAttachment{Title: f.Name, Type: "file", Description: description, Link: f.Path(), Download: true}
	switch kind, _, _ := strings.Cut(f.Type, "/"); kind {
	case "image":
		a.ImageURL, a.ImageType, a.ImageSize = a.Link, f.Type, f.Size
		if f.Width > 0 && f.Height > 0 {
			a.Dimensions = &dimensions{f.Width, f.Height}
		}
	case "video":
		a.VideoURL, a.VideoType, a.VideoSize = a.Link, f.Type, f.Size
	case "audio":
		a.AudioURL, a.AudioType, a.AudioSize = a.Link, f.Type, f.Size
	default:
		a.Format, a.Size = extension(f.Name), f.Size
	}
	return json.Marshal([]fileAttachment{a})
}

// extension is what a name ends in, without the dot; a name without one is just a file.
func extension(name string) string {
	if ext := strings.TrimPrefix(path.Ext(name), "."); ext != "" {
		return ext
	}
	return "file"
}
