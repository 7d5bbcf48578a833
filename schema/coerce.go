package schema

import (
	"math"
	"slices"
)

// coerce turns a value of a wrong type into one of the rule's types, tried in order, and reports
// whether it could. Arrays take part in queries only.
func (w *walker) coerce(r *rule, c *cell) bool {
	if !w.query && !slices.ContainsFunc(r.types, isScalar) {
		return false
	}
	if items, ok := c.value.([]any); ok && w.query && len(items) == 1 && slices.ContainsFunc(r.types, w.canCoerce) {
		// AJV takes the item out first and asks afterwards. With several types it then asks whether
		// the item has all of them at once, which nothing has.
		c.value = items[0]
		if len(r.types) == 1 && isOneOf(r.types, c.value) {
			c.set(c.value)
			return true
		}
	}
	for _, k := range r.types {
		if v, ok := w.convert(c.value, k); ok {
			c.set(v)
			return true
		}
	}
	return false
}

func isScalar(k kind) bool {
	return k != arrayKind && k != objectKind
}

func (w *walker) canCoerce(k kind) bool {
	return isScalar(k) || k == arrayKind && w.query
}

// convert returns v as a k and whether AJV makes one of it.
func (w *walker) convert(v any, k kind) (any, bool) {
	switch k {
	case stringKind:
		return toText(v)
	case numberKind:
		return toNumber(v)
	case booleanKind:
		return toBoolean(v)
	case nullKind:
		return nil, v == "" || v == 0.0 || v == false
	case arrayKind:
		_, nested := v.([]any)
		_, members := v.(*Object)
		return []any{v}, w.query && !nested && !members
	default:
		return nil, false
	}
}

func toText(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	case float64:
		return numberText(v), true
	default:
		return nil, false
	}
}

func toNumber(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return 0.0, true
	case bool:
		if v {
			return 1.0, true
		}
		return 0.0, true
	case string:
		if v == "" {
			return nil, false
		}
		f, ok := textNumber(v)
		return f, ok
	default:
		return nil, false
	}
}

func toBoolean(v any) (any, bool) {
	switch v {
	case "false", 0.0, nil:
		return false, true
	case "true", 1.0:
		return true, true
	default:
		return nil, false
	}
}

// isOneOf reports whether v has one of the types. An infinite number has none.
func isOneOf(types []kind, v any) bool {
	var k kind
	switch v := v.(type) {
	case nil:
		k = nullKind
	case bool:
		k = booleanKind
	case float64:
		if math.IsInf(v, 0) {
			return false
		}
		k = numberKind
	case string:
		k = stringKind
	case []any:
		k = arrayKind
	case *Object:
		k = objectKind
	}
	return slices.Contains(types, k)
}
