package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// What a form may have beside its file.
const (
	formParts = 50
	formTexts = 1 << 20 // bytes
)

// uploadForm is a form with one file, which is kept already, and texts by their names.
type uploadForm struct {
	file  workspace.File
	texts map[string]string
	size  int // of the texts
}

func (f *uploadForm) text(name string) string { return strings.TrimSpace(f.texts[name]) }

// object answers a text that is a JSON object, or nil.
func (f *uploadForm) object(name string) []byte {
	value, err := schema.Decode([]byte(f.texts[name]))
	o, ok := value.(*schema.Object)
	if err != nil || !ok {
		return nil
	}
	return schema.Encode(o)
}

// readUpload reads a form and keeps its file while it comes in. Who may not upload is refused before
// anything is read. After an error no file is kept.
func (a *API) readUpload(c *gin.Context) (*uploadForm, error) {
	room, err := a.Workspace.UploadRoom(c.Request.Context(), actor(c), c.Param("rid"))
	if err != nil {
		return nil, err
	}
	if limit := a.Workspace.FileLimit(); limit >= 0 && c.Request.ContentLength-formTexts > limit {
		return nil, &workspace.FileTooLarge{Limit: limit}
	}
	c.Request.Body = io.NopCloser(paced{pace: newPace(c.Writer), body: c.Request.Body})
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return nil, codeError("error-invalid-content-type", "Send a file as multipart/form-data, in the field file")
	}
	form := &uploadForm{texts: map[string]string{}}
	if err := a.readParts(c, parts, room, form); err != nil {
		if form.file.ID != "" {
			err = errors.Join(err, a.forget(c, form.file))
		}
		return nil, err
	}
	if form.file.ID == "" {
		return nil, plainError("[No file uploaded]")
	}
	return form, nil
}

func (a *API) readParts(c *gin.Context, parts *multipart.Reader, room workspace.Room, form *uploadForm) error {
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		switch {
		case err == io.EOF: //nolint:errorlint // wrapped, it says that the form breaks off
			return nil
		case err != nil:
			return formError(err)
		case n >= formParts:
			return codeError("error-invalid-form", "The form has too many fields")
		case part.FileName() == "":
			err = form.add(part)
		case part.FormName() != "file" || form.file.ID != "":
			return plainError("[invalid-field]")
		default:
			form.file, err = a.Workspace.Upload(c.Request.Context(), actor(c), workspace.Upload{
				Room: room, Name: part.FileName(), Type: partType(part), Content: part,
			})
		}
		if err != nil {
			return formError(err)
		}
	}
}

// formError words a form that breaks off or is none.
func formError(err error) error {
	if _, ok := errors.AsType[*unreadable](err); ok {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &unreadable{err: io.ErrUnexpectedEOF}
	}
	if strings.HasPrefix(err.Error(), "multipart: ") {
		return &thrown{wording: wording{code: "error-invalid-form", reason: "The form cannot be read"}, cause: err}
	}
	return err
}

// add reads a text.
func (f *uploadForm) add(part *multipart.Part) error {
	left := formTexts - f.size
	text, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
	if err != nil {
		return err
	}
	if len(text) > left {
		return codeError("error-invalid-form", "The texts of the form are too long")
	}
	f.size += len(text)
	f.texts[part.FormName()] = strings.ToValidUTF8(string(text), "\uFFFD")
	return nil
}

// partType is a file's media type as the sender says, or as its name says where the sender does not
// know.
func partType(part *multipart.Part) string {
	const unknown = "application/octet-stream"
	for _, said := range []string{part.Header.Get("Content-Type"), mime.TypeByExtension(path.Ext(part.FileName()))} {
		if kind, _, err := mime.ParseMediaType(said); err == nil && strings.Contains(kind, "/") && kind != unknown {
			return kind
		}
	}
	return unknown
}

// forget removes a file that nothing shows, also for a caller who has gone away.
func (a *API) forget(c *gin.Context, f workspace.File) error {
	return a.Workspace.ForgetFile(context.WithoutCancel(c.Request.Context()), f)
}
