package api_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAvatar holds that the address which answers name leads to a picture, for whoever asks.
func TestAvatar(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.prefix = "/chat" })
	link := s.get(s.admin, "/chat"+mePath).is(200).text("avatarUrl")
	_, path, _ := strings.Cut(strings.TrimPrefix(link, "http://"), "/")
	got := s.get(account{}, "/"+path).is(200)
	for name, want := range map[string]string{"Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=3600"} {
		if got.header.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.header.Get(name), want)
		}
	}
	if letter := lettersOf(t, got.body); letter != "A" {
		t.Errorf("the picture of %s shows %q, want A", path, letter)
	}
	s.do(request{method: http.MethodGet, path: "/" + path, header: map[string]string{"If-None-Match": got.header.Get("ETag")}}).says(304, "")

	for username, want := range map[string]string{"@bob": "B", "nobody.here": "N", "%3C%2Fsvg%3E%3Cscript%3E": "S", "%22": "?"} {
		if letter := lettersOf(t, s.get(account{}, "/chat/avatar/"+username).is(200).body); letter != want {
			t.Errorf("the picture of %s shows %q, want %q", username, letter, want)
		}
	}
	if s.get(account{}, "/chat/avatar/ada").body == s.get(account{}, "/chat/avatar/amy").body {
		t.Error("two users have the same picture")
	}
}

// lettersOf is the text in a picture, which must be XML.
func lettersOf(t *testing.T, picture string) (text string) {
	t.Helper()
	reader := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) {
			return text
		}
		if err != nil {
			t.Fatalf("%s: %v", picture, err)
		}
		if letters, ok := token.(xml.CharData); ok {
			text += string(letters)
		}
	}
}
