package worker

import (
	"hash/maphash"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// names keeps property names and texts, so that not every object of every call has its own copy.
// One worker has one, for all its realms: neither can be changed, and a script cannot tell whether
// a string of its own is new.
type names struct {
	known map[string]*name
	last  *name
	texts [knownTexts]knownText
	parts parts
	out   []byte // room for the text of a result
}

// name knows which one came after it: objects of a kind have their names in the same order, and to
// compare with what is expected takes less than to look it up.
type name struct {
	raw  string
	text unistring.String
	next *name
}

const (
	// Names of no use are forgotten when so many have been seen.
	knownNames  = 4096
	longestKept = 64

	// A power of two. Requests repeat many of their texts: ids, dates, addresses, kinds of things.
	knownTexts      = 512
	longestTextKept = 128
)

// of returns the name that stands between quotes, without escapes.
func (n *names) of(raw []byte) unistring.String {
	if n.last != nil && n.last.next != nil && n.last.next.raw == string(raw) {
		n.last = n.last.next
		return n.last.text
	}
	found := n.known[string(raw)]
	if found == nil {
		if len(raw) > longestKept {
			return unistring.NewFromString(validText(raw))
		}
		found = n.add(raw)
	}
	if n.last != nil {
		n.last.next = found
	}
	n.last = found
	return found.text
}

func (n *names) add(raw []byte) *name {
	if n.known == nil || len(n.known) >= knownNames {
		n.known, n.last = make(map[string]*name), nil
	}
	added := &name{raw: string(raw), text: unistring.NewFromString(validText(raw))}
	n.known[added.raw] = added
	return added
}

type knownText struct {
	raw   string
	value goja.Value
}

var textSeed = maphash.MakeSeed()

// value returns the string that stands between quotes, without escapes.
func (n *names) value(runtime *goja.Runtime, raw []byte) goja.Value {
	if len(raw) > longestTextKept {
		return runtime.ToValue(validText(raw))
	}
	known := &n.texts[maphash.Bytes(textSeed, raw)%knownTexts]
	if known.value == nil || known.raw != string(raw) {
		known.raw = string(raw)
		known.value = runtime.ToValue(mended(known.raw))
	}
	return known.value
}
