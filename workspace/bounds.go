package workspace

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/schema"
)

// Bounds of a message, far beyond what people send. Who calls a hook may send whatever fits into a
// request, and a message is read again and again.
const (
	mostTargets     = 1000
	mostAttachments = 1000
	deepest         = 256     // levels in attachments and custom fields
	longestName     = 10_000  // bytes of alias, emoji and thread
	longestAvatar   = 1 << 20 // bytes; an avatar may be a data: URL
)

// bounded refuses a draft that is out of bounds.
func (d Draft) bounded() error {
	for _, text := range []struct {
		what, text string
		most       int
	}{
		{"alias", d.Alias, longestName},
		{"emoji", d.Emoji, longestName},
		{"thread id", d.ThreadID, longestName},
		{"id", d.ID, longestName},
		{"avatar", d.Avatar, longestAvatar},
	} {
		if len(text.text) > text.most {
			return &TooMuchError{What: text.what, Most: text.most, Unit: "bytes"}
		}
	}
	if len(d.Targets) > mostTargets && len(slices.Compact(slices.Sorted(slices.Values(d.Targets)))) > mostTargets {
		return &TooMuchError{What: "rooms", Most: mostTargets}
	}
	return boundedJSON(d.Attachments, d.Custom)
}

func boundedJSON(attachments, custom jsontext.Value) error {
	switch {
	case schema.Deeper(attachments, deepest):
		return &TooMuchError{What: "levels of attachments", Most: deepest}
	case schema.Deeper(custom, deepest):
		return &TooMuchError{What: "levels of custom fields", Most: deepest}
	case attachments.Kind() != '[':
		return nil
	}
	if len(attachments) <= 2*mostAttachments { // each takes a character and a comma
		return nil
	}
	n := 0
	if err := schema.EachItem(attachments, func([]byte) { n++ }); err != nil {
		return err
	}
	if n > mostAttachments {
		return &TooMuchError{What: "attachments", Most: mostAttachments}
	}
	return nil
}
