package mongo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	// deepest is how many levels a value may have as a member of a document; MongoDB ends at 100.
	deepest = 80
	// largest is how many bytes a value may have as a member of a document, which ends at 16 MB. A list
	// of small numbers takes six times the space of its text.
	largest = 2 << 20
)

var errNoDocument = errors.New("JSON that no document can hold")

// opaque is a member of JSON: as a value that Rocket.Chat can read, and as text where the value does
// not say all of it, such as spaces, 1.0 or a number beyond all bounds.
func opaque(text []byte) (value bson.RawValue, exact []byte) {
	if text == nil {
		return bson.RawValue{}, nil
	}
	value, err := fromJSON(text)
	if err != nil {
		return bson.RawValue{}, text
	}
	if again, err := toJSON(value); err == nil && bytes.Equal(again, text) {
		return value, nil
	}
	return value, text
}

// opaqueText is the text of such a member. The exact one counts while it says the same as the value,
// which others may have changed since.
func opaqueText(value bson.RawValue, exact []byte) []byte {
	if exact != nil {
		same, err := fromJSON(exact)
		if err != nil && value.IsZero() || err == nil && same.Equal(value) {
			return exact
		}
	}
	if value.IsZero() || value.Type == bson.TypeNull {
		return nil
	}
	text, err := toJSON(value)
	if err != nil {
		return nil
	}
	return text
}

// unchanged answers the old value where the new one says the same to this server.
func unchanged(value bson.RawValue, exact []byte, old bson.RawValue, oldExact []byte) (kept bson.RawValue, keptExact []byte) {
	is, was := opaqueText(value, exact), opaqueText(old, oldExact)
	if bytes.Equal(is, was) && (is == nil) == (was == nil) {
		return old, oldExact
	}
	return value, exact
}

// fromJSON reads JSON as a value. Names keep their order; a name that occurs twice is refused.
func fromJSON(text []byte) (bson.RawValue, error) {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	value, err := readJSON(d, 0)
	if err != nil {
		return bson.RawValue{}, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return bson.RawValue{}, errNoDocument
	}
	kind, data, err := bson.MarshalValue(value)
	if err == nil && len(data) > largest {
		err = errNoDocument
	}
	return bson.RawValue{Type: kind, Value: data}, err
}

func readJSON(d *jsontext.Decoder, depth int) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	if depth > deepest {
		return nil, errNoDocument
	}
	switch token.Kind() {
	case 'n':
		return nil, nil //nolint:nilnil // null is a value here
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return readNumber(token.String())
	case '[':
		return readArray(d, depth)
	case '{':
		return readObject(d, depth)
	default:
		return nil, errNoDocument
	}
}

func readNumber(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return int32(n), nil
		}
		return n, nil
	}
	return strconv.ParseFloat(text, 64) // an error where it is beyond all bounds
}

func readArray(d *jsontext.Decoder, depth int) (any, error) {
	list := bson.A{}
	for d.PeekKind() != ']' {
		value, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := d.ReadToken()
	return list, err
}

func readObject(d *jsontext.Decoder, depth int) (any, error) {
	doc := bson.D{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if strings.ContainsRune(key, 0) {
			return nil, errNoDocument
		}
		value, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		doc = append(doc, bson.E{Key: key, Value: value})
	}
	_, err := d.ReadToken()
	return doc, err
}

// toJSON writes a value as JSON: times and ids as texts, as Rocket.Chat's API shows them.
func toJSON(value bson.RawValue) ([]byte, error) {
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.Multiline(false))
	if err := writeJSON(e, value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func writeJSON(e *jsontext.Encoder, value bson.RawValue) error {
	switch value.Type {
	case bson.TypeEmbeddedDocument:
		return writeMembers(e, value.Document(), jsontext.BeginObject, jsontext.EndObject)
	case bson.TypeArray:
		return writeMembers(e, bson.Raw(value.Array()), jsontext.BeginArray, jsontext.EndArray)
	default:
		return e.WriteToken(tokenOf(value))
	}
}

func writeMembers(e *jsontext.Encoder, doc bson.Raw, begin, end jsontext.Token) error {
	elements, err := doc.Elements()
	if err != nil {
		return err
	}
	if err := e.WriteToken(begin); err != nil {
		return err
	}
	for _, element := range elements {
		if begin.Kind() == '{' {
			if err := e.WriteToken(jsontext.String(element.Key())); err != nil {
				return err
			}
		}
		if err := writeJSON(e, element.Value()); err != nil {
			return err
		}
	}
	return e.WriteToken(end)
}

func tokenOf(value bson.RawValue) jsontext.Token {
	switch value.Type {
	case bson.TypeString:
		return jsontext.String(value.StringValue())
	case bson.TypeBoolean:
		return jsontext.Bool(value.Boolean())
	case bson.TypeInt32:
		return jsontext.Int(int64(value.Int32()))
	case bson.TypeInt64:
		return jsontext.Int(value.Int64())
	case bson.TypeDouble:
		if f := value.Double(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return jsontext.Float(f)
		}
		return jsontext.Null
	case bson.TypeDateTime:
		return jsontext.String(value.Time().UTC().Format("2006-01-02T15:04:05.000Z"))
	case bson.TypeObjectID:
		return jsontext.String(value.ObjectID().Hex())
	case bson.TypeBinary:
		_, data := value.Binary()
		return jsontext.String(base64.StdEncoding.EncodeToString(data))
	default:
		return jsontext.Null // of the rest, JSON knows nothing
	}
}
