package main

import (
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// fault is an error as the protocol has it: a number, its name and a text.
type fault struct {
	code  int32
	name  string
	text  string
	extra bson.D
}

func (f *fault) Error() string { return fmt.Sprintf("(%s) %s", f.name, f.text) }

func badValue(format string, args ...any) *fault {
	return &fault{code: 2, name: "BadValue", text: fmt.Sprintf(format, args...)}
}

func failedToParse(format string, args ...any) *fault {
	return &fault{code: 9, name: "FailedToParse", text: fmt.Sprintf(format, args...)}
}

func notSupported(format string, args ...any) *fault {
	return &fault{code: 115, name: "CommandNotSupported", text: "mongotest: " + fmt.Sprintf(format, args...)}
}

func timeExpired() *fault {
	return &fault{code: 50, name: "MaxTimeMSExpired", text: "operation exceeded time limit"}
}

// faultOf words what went wrong below, where errors have no numbers.
func faultOf(err error) *fault {
	if f := (*fault)(nil); errors.As(err, &f) {
		return f
	}
	text := err.Error()
	for _, known := range []struct {
		part string
		code int32
		name string
	}{
		{"conflicting key", 40, "ConflictingUpdateOperators"},
		{"is not a number", 14, "TypeMismatch"},
		{"is not an array", 2, "BadValue"},
		{"cannot put value", 28, "PathNotViable"},
		{"unknown top level operator", 9, "FailedToParse"},
	} {
		if strings.Contains(text, known.part) {
			return &fault{code: known.code, name: known.name, text: text}
		}
	}
	return badValue("%s", text)
}

// answer is the fault as the answer of a command.
func (f *fault) answer() bson.D {
	d := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: f.text}, {Key: "code", Value: f.code}, {Key: "codeName", Value: f.name}}
	return append(d, f.extra...)
}

// writeError is the fault as one of a bulk of writes.
func (f *fault) writeError(index int) bson.D {
	d := bson.D{{Key: "index", Value: int32(index)}, {Key: "code", Value: f.code}, {Key: "errmsg", Value: f.text}}
	return append(d, f.extra...)
}

// duplicate is the fault of a second document with the same key in a unique index.
func duplicate(namespace string, x *index, key []any) *fault {
	var pattern, value bson.D
	var shown []string
	for i, column := range x.columns {
		pattern = append(pattern, bson.E{Key: column.Path, Value: x.key[i].Value})
		plain := plainKey(key[i])
		value = append(value, bson.E{Key: column.Path, Value: plain})
		shown = append(shown, column.Path+": "+show(plain))
	}
	return &fault{
		code: 11000, name: "DuplicateKey",
		text:  fmt.Sprintf("E11000 duplicate key error collection: %s index: %s dup key: { %s }", namespace, x.name, strings.Join(shown, ", ")),
		extra: bson.D{{Key: "keyPattern", Value: pattern}, {Key: "keyValue", Value: value}},
	}
}

// show writes a value as the server's messages do.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	case primitive.ObjectID:
		return "ObjectId('" + v.Hex() + "')"
	case primitive.DateTime:
		return fmt.Sprintf("new Date(%d)", int64(v))
	default:
		return fmt.Sprintf("%v", v)
	}
}
