package api

import (
	"strconv"
	"unicode/utf16"

	"github.com/grapnel-chat/grapnel/schema"
)

// spread makes an object of a text's UTF-16 units, one member each, as JavaScript spreads a string.
// Nobody sends a document that way, so of a long text the beginning is enough to refuse it.
func spread(text string) *schema.Object {
	const enough = 1000
	o := schema.NewObject()
	for n, unit := range utf16.Encode([]rune(text[:min(len(text), enough)])) {
		o.Set(strconv.Itoa(n), string(rune(unit))) // half of a pair becomes U+FFFD
	}
	return o
}
