package api_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/grapnel-chat/grapnel/workspace"
)

// formFile is a file in a form. Its field is file, and an empty kind is not said.
type formFile struct{ name, kind, content string }

// form writes texts and files as browsers do, the texts first.
func form(t testing.TB, texts map[string]string, files ...formFile) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		must(t, w.WriteField(name, texts[name]))
	}
	for _, f := range files {
		h := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition("file", f.name)}}
		if f.kind != "" {
			h.Set("Content-Type", f.kind)
		}
		part, err := w.CreatePart(h)
		must(t, err)
		_, err = io.WriteString(part, f.content)
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), b.String()
}

// upload posts a form to a path such as rooms.upload/GENERAL.
func (s *server) upload(as account, path string, texts map[string]string, files ...formFile) answer {
	s.t.Helper()
	contentType, body := form(s.t, texts, files...)
	return s.do(request{method: "POST", path: "/api/v1/" + path, as: as, body: body, header: map[string]string{"Content-Type": contentType}})
}

// uploads are the names in the data folder's uploads.
func (s *server) uploads() []string {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.folder, "uploads"))
	must(s.t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func picture(t testing.TB, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.String()
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s := start(t)
	content := picture(t, 30, 20)
	link := func(m doc) string { return "/file-upload/" + m["file"].(doc)["_id"].(string) + "/" }
	for _, tt := range []struct {
		name       string
		file       formFile
		texts      map[string]string
		msg        string
		path       string // of the file, behind its id
		ref        doc
		attachment func(link string) doc
	}{
		{
			"picture",
			formFile{"a b.png", "image/png", content},
			map[string]string{"msg": " look ", "description": "<it>"},
			"look", "a%20b.png",
			doc{"name": "a b.png", "type": "image/png", "size": float64(len(content)), "format": "png"},
			func(link string) doc {
				return doc{
					"title": "a b.png", "type": "file", "description": "<it>", "title_link": link, "title_link_download": true, "image_url": link,
					"image_type": "image/png", "image_size": float64(len(content)), "image_dimensions": doc{"width": 30.0, "height": 20.0},
				}
			},
		},
		{
			"what only claims to be a picture",
			formFile{"a.jpeg", "", "no picture"},
			nil, "", "a.jpeg",
			doc{"name": "a.jpeg", "type": "image/jpeg", "size": 10.0, "format": ""},
			func(link string) doc {
				return doc{"title": "a.jpeg", "type": "file", "title_link": link, "title_link_download": true, "image_url": link, "image_type": "image/jpeg", "image_size": 10.0}
			},
		},
		{
			"video",
			formFile{"a.mp4", "video/mp4", "abc"},
			nil, "", "a.mp4",
			doc{"name": "a.mp4", "type": "video/mp4", "size": 3.0, "format": ""},
			func(link string) doc {
				return doc{"title": "a.mp4", "type": "file", "title_link": link, "title_link_download": true, "video_url": link, "video_type": "video/mp4", "video_size": 3.0}
			},
		},
		{
			"sound",
			formFile{"a.mp3", "audio/mpeg", "abc"},
			nil, "", "a.mp3",
			doc{"name": "a.mp3", "type": "audio/mpeg", "size": 3.0, "format": ""},
			func(link string) doc {
				return doc{"title": "a.mp3", "type": "file", "title_link": link, "title_link_download": true, "audio_url": link, "audio_type": "audio/mpeg", "audio_size": 3.0}
			},
		},
		{
			"anything",
			formFile{"../é.log", "text/plain; charset=utf-8", "abc"},
			nil, "", "%C3%A9.log",
			doc{"name": "é.log", "type": "text/plain", "size": 3.0, "format": ""},
			func(link string) doc {
				return doc{"title": "é.log", "type": "file", "format": "log", "title_link": link, "title_link_download": true, "size": 3.0}
			},
		},
		{
			"nothing in it",
			formFile{"README", "what/ever?", ""},
			nil, "", "README",
			doc{"name": "README", "type": "application/octet-stream", "size": 0.0, "format": ""},
			func(link string) doc {
				return doc{"title": "README", "type": "file", "format": "file", "title_link": link, "title_link_download": true}
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			m := s.upload(s.admin, "rooms.upload/GENERAL", tt.texts, tt.file).is(200).at("message").(doc)
			ref := changed(tt.ref, doc{"_id": m["file"].(doc)["_id"]})
			want := doc{
				"rid": "GENERAL", "msg": tt.msg, "groupable": false, "file": ref, "files": []any{ref}, "attachments": []any{tt.attachment(link(m) + tt.path)},
			}
			if d := differ(m, want); d != "" {
				t.Errorf("message (-want +got):\n%s", d)
			}
			if d := differ(s.get(s.admin, "/api/v1/chat.getMessage?msgId="+m["_id"].(string)).is(200).at("message").(doc), m); d != "" {
				t.Errorf("message as stored (-answered +stored):\n%s", d)
			}
			if got := s.get(s.admin, link(m)+tt.path).is(200); got.body != tt.file.content {
				t.Errorf("the file has %d bytes, want the %d that were sent", len(got.body), len(tt.file.content))
			}
		})
	}
}

func TestUploadForm(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.grant("message-impersonate", "admin")
	first := s.say(s.admin, "#general", "first")["_id"].(string)
	m := s.upload(s.admin, "rooms.upload/GENERAL", map[string]string{
		"msg": "m", "tmid": first, "alias": "Build", "emoji": ":tada:", "customFields": `{"a":1}`,
	}, formFile{"a.txt", "", "abc"}).is(200).at("message").(doc)
	if d := differ(m, doc{"tmid": first, "alias": "Build", "emoji": ":tada:", "customFields": doc{"a": 1.0}}); d != "" {
		t.Errorf("message (-want +got):\n%s", d)
	}

	contentType, body := form(t, map[string]string{"msg": "m"}, formFile{"a.txt", "text/plain", strings.Repeat("x", 9000)})
	send := func(contentType, body string) answer {
		t.Helper()
		return s.do(request{method: "POST", path: "/api/v1/rooms.upload/GENERAL", as: s.admin, body: body, header: map[string]string{"Content-Type": contentType}, chunked: true})
	}
	kept := s.uploads()
	ended := "The request body ended too early: "
	send(contentType, body[:len(body)/2]).fails(400, ended+"unexpected EOF", "")
	send(contentType, body[:len(body)-20]).fails(400, ended+"unexpected EOF", "")
	send(contentType, "").fails(400, "The form cannot be read [error-invalid-form]", "error-invalid-form")
	send("multipart/form-data", body).fails(400, "Send a file as multipart/form-data, in the field file [error-invalid-content-type]", "error-invalid-content-type")
	send("application/json", "{}").fails(400, "Send a file as multipart/form-data, in the field file [error-invalid-content-type]", "error-invalid-content-type")
	send(contentType, strings.Replace(body, `name="file"`, `name="upload"`, 1)).fails(400, "[invalid-field]", "")
	s.upload(s.admin, "rooms.upload/GENERAL", nil, formFile{"a", "", "a"}, formFile{"b", "", "b"}).fails(400, "[invalid-field]", "")
	s.upload(s.admin, "rooms.upload/GENERAL", map[string]string{"msg": "m"}).fails(400, "[No file uploaded]", "")
	s.upload(s.admin, "rooms.upload/GENERAL", map[string]string{"msg": strings.Repeat("x", 5001)}, formFile{"a", "", "a"}).
		fails(400, "Message size exceeds Message_MaxAllowedSize [error-message-size-exceeded]", "error-message-size-exceeded")
	s.upload(s.admin, "rooms.upload/GENERAL", map[string]string{"msg": strings.Repeat("x", 1<<20+1)}, formFile{"a", "", "a"}).
		fails(400, "The texts of the form are too long [error-invalid-form]", "error-invalid-form")
	many := map[string]string{}
	for n := range 60 {
		many[strings.Repeat("x", n+1)] = ""
	}
	s.upload(s.admin, "rooms.upload/GENERAL", many, formFile{"a", "", "a"}).fails(400, "The form has too many fields [error-invalid-form]", "error-invalid-form")
	if got := s.uploads(); !slices.Equal(got, kept) {
		t.Errorf("refused uploads left %v, want %v", got, kept)
	}
}

func TestUploadRules(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.maxBody = 100 })
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	secret := s.room("group", "secret", "bob")
	file := formFile{"a.txt", "text/plain", strings.Repeat("x", 5000)} // over HOOK_MAX_BODY
	for _, path := range []string{"rooms.upload/", "rooms.media/"} {
		s.upload(eve, path+secret, nil, file).fails(403, "unauthorized", "")
		s.upload(eve, path+"nowhere", nil, file).fails(403, "unauthorized", "")
		s.upload(account{}, path+secret, nil, file).is(401)
		s.upload(bob, path+secret, nil, file).is(200)
	}
	s.upload(bob, "rooms.upload/GENERAL", map[string]string{"alias": "Admin"}, file).fails(400, "Not enough permission", "")

	const setting = "/api/v1/settings/FileUpload_"
	s.post(s.admin, setting+"MaxFileSize", doc{"value": 5000}).is(200)
	s.upload(bob, "rooms.upload/"+secret, nil, file).is(200)
	kept := s.uploads()
	s.post(s.admin, setting+"MaxFileSize", doc{"value": 4999}).is(200)
	s.upload(bob, "rooms.upload/"+secret, nil, file).fails(400, "File exceeds allowed size of 4999 bytes (FileUpload_MaxFileSize). [error-file-too-large]", "error-file-too-large")
	huge := formFile{"a.txt", "text/plain", strings.Repeat("x", 2<<20)}
	s.upload(bob, "rooms.upload/"+secret, nil, huge).fails(400, "File exceeds allowed size of 4999 bytes (FileUpload_MaxFileSize). [error-file-too-large]", "error-file-too-large")
	s.post(s.admin, setting+"MaxFileSize", doc{"value": -1}).is(200)
	s.post(s.admin, setting+"Enabled", doc{"value": false}).is(200)
	s.upload(bob, "rooms.upload/"+secret, nil, file).fails(400, "File uploads are disabled (FileUpload_Enabled). [error-file-upload-disabled]", "error-file-upload-disabled")
	s.post(s.admin, setting+"Enabled", doc{"value": true}).is(200)
	s.post(s.admin, setting+"MaxFileSize", doc{"value": -2}).is(400)

	s.post(s.admin, "/api/v1/groups.setReadOnly", doc{"roomId": secret, "readOnly": true}).is(200)
	s.upload(bob, "rooms.upload/"+secret, nil, file).fails(400, "You can't send messages because the room is readonly.", "")
	s.post(s.admin, "/api/v1/groups.archive", doc{"roomId": secret}).is(200)
	s.upload(bob, "rooms.upload/"+secret, nil, file).fails(400, "room_is_archived", "")
	if got := s.uploads(); !slices.Equal(got, kept) {
		t.Errorf("refused uploads left %v, want %v", got, kept)
	}
}

func TestUploadInTwoSteps(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	kept := s.upload(bob, "rooms.media/GENERAL", nil, formFile{"a.txt", "text/plain", "abc"}).is(200)
	id, link := kept.text("file", "_id"), kept.text("file", "url")
	if want := "/file-upload/" + id + "/a.txt"; link != want {
		t.Errorf("url %s, want %s", link, want)
	}
	s.get(bob, link).says(200, "abc")
	s.get(eve, link).fails(403, "unauthorized", "")

	confirm := func(as account, room, id string, in doc) answer {
		t.Helper()
		return s.post(as, "/api/v1/rooms.mediaConfirm/"+room+"/"+id, in)
	}
	other := s.room("channel", "other", "bob")
	confirm(eve, "GENERAL", id, doc{}).fails(400, "[invalid-file]", "invalid-file")
	confirm(bob, other, id, doc{}).fails(400, "[invalid-file]", "invalid-file")
	confirm(bob, "GENERAL", "nothing", doc{}).fails(400, "[invalid-file]", "invalid-file")
	confirm(bob, "nowhere", id, doc{}).fails(403, "unauthorized", "")
	confirm(bob, "GENERAL", id, doc{"msg": 1, "customFields": "no"}).is(400)
	m := confirm(bob, "GENERAL", id, doc{"msg": "here", "description": "d", "fileName": "b.log"}).is(200).at("message").(doc)
	if d := differ(m, doc{"msg": "here", "u": doc{"_id": bob.id, "username": "bob", "name": "bob"}}); d != "" {
		t.Errorf("message (-want +got):\n%s", d)
	}
	if d := differ(m["attachments"].([]any)[0].(doc), doc{"title": "b.log", "description": "d", "title_link": "/file-upload/" + id + "/b.log"}); d != "" {
		t.Errorf("attachment (-want +got):\n%s", d)
	}
	confirm(bob, "GENERAL", id, doc{}).fails(400, "[invalid-file]", "invalid-file")
	s.get(eve, link).says(200, "abc")
	bare := s.upload(bob, "rooms.media/GENERAL", nil, formFile{"a.txt", "", "abc"}).is(200).text("file", "_id")
	s.do(request{method: "POST", path: "/api/v1/rooms.mediaConfirm/GENERAL/" + bare, as: bob}).is(200)
}

// TestFilesGo holds that a content goes with whatever its message goes with.
func TestFilesGo(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	room := s.room("channel", "ops", "bob")
	post := func(as account, room string) (message, link string) {
		t.Helper()
		m := s.upload(as, "rooms.upload/"+room, nil, formFile{"a", "", "abc"}).is(200).at("message").(doc)
		return m["_id"].(string), "/file-upload/" + m["file"].(doc)["_id"].(string) + "/a"
	}
	gone := func(link string) {
		t.Helper()
		s.get(s.admin, link).says(404, `{"success":false,"error":"Resource not found"}`)
	}
	message, link := post(s.admin, "GENERAL")
	s.post(s.admin, "/api/v1/chat.delete", doc{"roomId": "GENERAL", "msgId": message}).is(200)
	gone(link)
	_, link = post(s.admin, room)
	s.post(s.admin, "/api/v1/channels.delete", doc{"roomId": room}).is(200)
	gone(link)
	_, link = post(bob, "GENERAL")
	s.post(s.admin, "/api/v1/users.delete", doc{"userId": bob.id}).is(200)
	gone(link)
	if got := s.uploads(); len(got) > 0 {
		t.Errorf("the folder still has %v", got)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	secret := s.room("group", "secret", "bob")
	post := func(name, kind, content string) string {
		t.Helper()
		return s.upload(bob, "rooms.upload/"+secret, nil, formFile{name, kind, content}).is(200).text("message", "attachments", 0, "title_link")
	}
	link := post("a.txt", "text/plain", "0123456789")
	t.Run("logins", func(t *testing.T) {
		s := s.in(t)
		const refused = `{"success":false,"error":"unauthorized"}`
		s.get(account{}, link).says(403, refused)
		s.get(eve, link).says(403, refused)
		s.get(s.admin, link).says(200, "0123456789")
		query := "?rc_uid=" + bob.id + "&rc_token=" + bob.token
		s.get(account{}, link+query).says(200, "0123456789")
		s.get(eve, link+query).says(403, refused) // the headers go first
		s.get(account{}, link+"?rc_uid="+eve.id+"&rc_token="+bob.token).says(403, refused)
		cookie := request{method: "GET", path: link, header: map[string]string{"Cookie": "rc_uid=" + bob.id + "; rc_token=" + bob.token}}
		s.do(cookie).says(200, "0123456789")
		cookie.header["Cookie"] = "rc_token=" + bob.token
		s.do(cookie).says(403, refused)
		s.get(bob, "/file-upload/nothing/a.txt").is(404)
		s.post(s.admin, "/api/v1/groups.kick", doc{"roomId": secret, "userId": bob.id}).is(200)
		s.get(bob, link).says(403, refused)
		s.post(s.admin, "/api/v1/groups.invite", doc{"roomId": secret, "userId": bob.id}).is(200)
	})
	t.Run("ranges", func(t *testing.T) {
		s := s.in(t)
		ask := func(name, value string) answer {
			t.Helper()
			return s.do(request{method: "GET", path: link, as: bob, header: map[string]string{name: value}})
		}
		part := ask("Range", "bytes=2-4").says(206, "234")
		if got := part.header.Get("Content-Range"); got != "bytes 2-4/10" {
			t.Errorf("Content-Range %q", got)
		}
		ask("Range", "bytes=-3").says(206, "789")
		ask("Range", "bytes=20-").is(416)
		ask("If-None-Match", s.get(bob, link).header.Get("ETag")).says(304, "")
	})
	t.Run("what browsers may show", func(t *testing.T) {
		s := s.in(t)
		for _, tt := range []struct{ kind, query, disposition string }{
			{"image/png", "", `inline; filename=a`},
			{"image/png", "?download", `attachment; filename=a`},
			{"video/mp4", "", `inline; filename=a`},
			{"audio/ogg", "", `inline; filename=a`},
			{"application/pdf", "", `inline; filename=a`},
			{"image/svg+xml", "", `attachment; filename=a`},
			{"text/html", "", `attachment; filename=a`},
			{"application/xhtml+xml", "", `attachment; filename=a`},
			{"text/plain", "", `attachment; filename=a`},
		} {
			h := s.get(bob, post("a", tt.kind, "<script>")+tt.query).says(200, "<script>").header
			if h.Get("Content-Disposition") != tt.disposition || h.Get("Content-Type") != tt.kind || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s is answered with %v", tt.kind, h)
			}
			if policy := h.Get("Content-Security-Policy"); (policy == "default-src 'none'; sandbox") == (tt.kind == "application/pdf") {
				t.Errorf("%s has the policy %q", tt.kind, policy)
			}
		}
	})
	t.Run("names", func(t *testing.T) {
		s := s.in(t)
		h := s.get(bob, post("a\"é;.txt", "text/plain", "a")).is(200).header
		if got, want := h.Get("Content-Disposition"), `attachment; filename*=utf-8''a%22%C3%A9%3B.txt`; got != want {
			t.Errorf("Content-Disposition %s, want %s", got, want)
		}
	})
	t.Run("head", func(t *testing.T) {
		req := httptest.NewRequest(http.MethodHead, link, nil)
		req.Header.Set("X-User-Id", bob.id)
		req.Header.Set("X-Auth-Token", bob.token)
		rec := httptest.NewRecorder()
		s.api.ServeHTTP(rec, req)
		if rec.Code != 200 || rec.Body.Len() > 0 || rec.Header().Get("Content-Length") != "10" {
			t.Errorf("HEAD = %d, %v, %q", rec.Code, rec.Header(), rec.Body)
		}
	})
}

// TestUploadIsStreamed has a content that is longer than what may be in memory.
func TestUploadIsStreamed(t *testing.T) {
	t.Parallel()
	s := start(t)
	admin, err := s.chat.UserByUsername(t.Context(), "admin")
	must(t, err)
	room, err := s.chat.RoomByIDOrName(t.Context(), "GENERAL")
	must(t, err)
	const size = 32 << 20
	largest := 0
	content := io.LimitReader(readerFunc(func(p []byte) (int, error) {
		largest = max(largest, len(p))
		return len(p), nil
	}), size)
	f, err := s.chat.Upload(t.Context(), admin, workspace.Upload{Room: room, Name: "a", Type: "image/png", Content: content})
	must(t, err)
	if f.Size != size || largest > 1<<20 {
		t.Errorf("%d bytes, read up to %d at once", f.Size, largest)
	}
	broken := errors.New("broken")
	if _, err := s.chat.Upload(t.Context(), admin, workspace.Upload{Room: room, Name: "a", Content: iotest.ErrReader(broken)}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
