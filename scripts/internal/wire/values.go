package wire

import (
	"errors"

	"github.com/grapnel-chat/grapnel/integrations"
)

// StoreSize is how much an integration may keep in Store: keys and JSON text together.
const StoreSize = 256 << 10

// EncodeValues makes one part of what Store holds, or of what has changed there.
func EncodeValues(values []integrations.ScriptValue) []byte {
	w := Writer{Buf: []byte{}}
	for _, v := range values {
		w.Text(v.Key)
		w.Bytes(v.Value)
	}
	return w.Buf
}

var errBadValues = errors.New("values that cannot be read")

// DecodeValues reads what EncodeValues has made.
func DecodeValues(part []byte) ([]integrations.ScriptValue, error) {
	list := Frame{Rest: part}
	var values []integrations.ScriptValue
	for len(list.Rest) > 0 && !list.Bad {
		values = append(values, integrations.ScriptValue{Key: list.Text(), Value: list.Bytes()})
	}
	if list.Bad {
		return nil, errBadValues
	}
	return values, nil
}
