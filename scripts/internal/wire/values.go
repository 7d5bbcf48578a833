package wire

import (
	"errors"
	"iter"

	"github.com/grapnel-chat/grapnel/integrations"
)

// StoreSize is how much an integration may keep in Store: keys and JSON text together.
const StoreSize = 256 << 10

// EncodeValues makes one part of what Store holds, or of what has changed there. It is never nil: an absent
// part says that nothing is kept.
func EncodeValues(values []integrations.ScriptValue) []byte {
	w := Writer{Buf: []byte{}}
	for _, v := range values {
		w.Text(v.Key)
		w.Bytes(v.Value)
	}
	return w.Buf
}

var errBadValues = errors.New("values that cannot be read")

// EachValue reads what EncodeValues has made, up to what cannot be read. A nil text is a key that was
// removed. Both lie where the part lies.
func EachValue(part []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, text []byte) bool) {
		for list := (Frame{rest: part}); len(list.rest) > 0; {
			if key, text := list.Bytes(), list.Bytes(); list.Bad || !yield(key, text) {
				return
			}
		}
	}
}

// DecodeValues reads what EncodeValues has made.
func DecodeValues(part []byte) ([]integrations.ScriptValue, error) {
	list := Frame{rest: part}
	var values []integrations.ScriptValue
	for len(list.rest) > 0 && !list.Bad {
		values = append(values, integrations.ScriptValue{Key: list.Text(), Value: list.Bytes()})
	}
	if list.Bad {
		return nil, errBadValues
	}
	return values, nil
}
