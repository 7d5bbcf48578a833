package schema

import "iter"

// Object is a JSON object whose members keep the order in which they were written. A value is nil,
// bool, float64, string, []any or *Object. An Object is not safe for concurrent change.
type Object struct {
	members []member
	index   map[string]int // nil until there are more than indexFrom members
}

type member struct {
	key   string
	value any
}

// Below this many members a scan is faster than a map; above it a hostile document with a million
// keys would take quadratic time.
const indexFrom = 16

// NewObject returns an object without members.
func NewObject() *Object {
	return &Object{}
}

// Get returns the value of key and whether the object has such a member.
func (o *Object) Get(key string) (any, bool) {
	i := o.find(key)
	if i < 0 {
		return nil, false
	}
	return o.members[i].value, true
}

// Set replaces the value of key where it stands, or appends a new member.
func (o *Object) Set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.members[i].value = v
		return
	}
	o.members = append(o.members, member{key: key, value: v})
	switch {
	case o.index != nil:
		o.index[key] = len(o.members) - 1
	case len(o.members) > indexFrom:
		o.reindex()
	}
}

// Delete removes the member key, if there is one. The others keep their order.
func (o *Object) Delete(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	o.members = append(o.members[:i], o.members[i+1:]...)
	if o.index != nil {
		o.reindex()
	}
}

// Len returns the number of members.
func (o *Object) Len() int {
	return len(o.members)
}

// All yields the members in order. The object must not gain or lose members meanwhile.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, m := range o.members {
			if !yield(m.key, m.value) {
				return
			}
		}
	}
}

// find returns the position of key, or -1.
func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].key == key {
			return i
		}
	}
	return -1
}

func (o *Object) reindex() {
	o.index = make(map[string]int, len(o.members))
	for i, m := range o.members {
		o.index[m.key] = i
	}
}

// slot returns where the value of key is kept, or nil. It is valid until a member is added or deleted.
func (o *Object) slot(key string) *any {
	i := o.find(key)
	if i < 0 {
		return nil
	}
	return &o.members[i].value
}

// clone copies a document, so that changes to one are not seen in the other.
func clone(v any) any {
	switch v := v.(type) {
	case *Object:
		c := &Object{members: make([]member, len(v.members))}
		for i, m := range v.members {
			c.members[i] = member{key: m.key, value: clone(m.value)}
		}
		if v.index != nil {
			c.reindex()
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = clone(item)
		}
		return c
	default:
		return v
	}
}
