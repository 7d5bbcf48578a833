package api

import (
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/schema"
)

// Bounds of a request's document, far beyond what clients send. Upstream has none but the size of the
// body; a name of megabytes or an integration with a hundred thousand URLs would be paid for with every
// list and every event.
const (
	mostValues  = 100_000
	mostItems   = 1000    // of an array that is a member of the document
	longestText = 10_000  // bytes of a text that is such a member, or an item of such an array
	longestDeep = 1 << 20 // bytes of a text further down
)

// long are members whose text may have megabytes: it has a limit of its own (SCRIPT_SOURCE_SIZE,
// Message_MaxAllowedSize), or is a picture.
var long = map[string]bool{"script": true, "text": true, "msg": true, "avatar": true}

// outOfBounds is a document that is larger than any request.
type outOfBounds struct{ text string }

func (e *outOfBounds) Error() string { return e.text }

var (
	tooManyValues = &outOfBounds{fmt.Sprintf("The request document holds more than %d values.", mostValues)}
	tooDeep       = &outOfBounds{"The request document is nested deeper than 512 levels."}
)

// bounded refuses a document with a member that is out of bounds.
func bounded(document any) error {
	o, ok := document.(*schema.Object)
	if !ok {
		return nil // no endpoint takes one
	}
	for name, value := range o.All() {
		if err := boundedMember(name, value); err != nil {
			return err
		}
	}
	return nil
}

func boundedMember(name string, value any) error {
	const shown = 40
	switch value := value.(type) {
	case string:
		if len(value) > longestText && !long[name] {
			return &outOfBounds{fmt.Sprintf("The member %.*q of the request document is longer than %d bytes.", shown, name, longestText)}
		}
	case []any:
		if len(value) > mostItems {
			return &outOfBounds{fmt.Sprintf("The member %.*q of the request document has more than %d items.", shown, name, mostItems)}
		}
		for _, item := range value {
			if text, ok := item.(string); ok && len(text) > longestText {
				return &outOfBounds{fmt.Sprintf("An item of the member %.*q of the request document is longer than %d bytes.", shown, name, longestText)}
			}
			if longer(item) {
				return &outOfBounds{fmt.Sprintf("A text in the member %.*q of the request document is longer than %d bytes.", shown, name, longestDeep)}
			}
		}
	case *schema.Object:
		if longer(value) {
			return &outOfBounds{fmt.Sprintf("A text in the member %.*q of the request document is longer than %d bytes.", shown, name, longestDeep)}
		}
	}
	return nil
}

// longer looks for a text that is too long anywhere in a value.
func longer(value any) bool {
	switch value := value.(type) {
	case string:
		return len(value) > longestDeep
	case []any:
		return slices.ContainsFunc(value, longer)
	case *schema.Object:
		for name, item := range value.All() {
			if len(name) > longestDeep || longer(item) {
				return true
			}
		}
	}
	return false
}
