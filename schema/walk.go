package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A walker checks one document as the code does that AJV generates without allErrors: it stops at
// the first violation, except that every branch of a union is tried and adds its own.
type walker struct {
	query    bool
	inBranch bool // below anyOf or oneOf
	messages []string
}

// A cell is one value of the document as AJV's code sees it: a local variable, and the place in the
// parent that it came from. The two differ after a query validator has taken the only item out of an
// array and still could not use it: the other branches of a union then meet the item.
type cell struct {
	value any
	place *any // nil for the root
}

func (c *cell) set(v any) {
	c.value = v
	if c.place != nil {
		*c.place = v
	}
}

func (w *walker) text() string {
	return strings.Join(w.messages, "\n ")
}

func (w *walker) report(format string, args ...any) bool {
	w.messages = append(w.messages, fmt.Sprintf(format, args...))
	return false
}

// check reports whether the value satisfies the rule, coercing it on the way. The order is AJV's:
// type, enum and unions, then the keywords of strings, arrays and objects.
func (w *walker) check(r *rule, c *cell) bool {
	late := r.lateType(w.query)
	if late == "" && len(r.types) > 0 && !isOneOf(r.types, c.value) && !w.coerce(r, c) {
		w.report("must be %s", r.typeText)
		if w.inBranch {
			w.checkChoices(r, c) // in a branch AJV goes on to these, and adds what they find
		}
		return false
	}
	return w.checkChoices(r, c) && w.checkString(r, c) && w.checkArray(r, c, late) && w.checkObject(r, c, late)
}

// lateType returns the type that AJV leaves to the keywords of that type to check: the only one,
// which it can't coerce to. It matters where a union stands beside the type, for that then comes first.
func (r *rule) lateType(query bool) kind {
	switch {
	case len(r.types) != 1:
		return ""
	case r.types[0] == arrayKind && !query && r.hasArrayRules():
		return arrayKind
	case r.types[0] == objectKind && r.hasObjectRules():
		return objectKind
	default:
		return ""
	}
}

func (r *rule) hasArrayRules() bool {
	return r.minItems > 0 || r.uniqueItems || r.items != nil
}

func (r *rule) hasObjectRules() bool {
	return len(r.required) > 0 || r.closed || r.known != nil
}

func (w *walker) checkString(r *rule, c *cell) bool {
	s, ok := c.value.(string)
	switch {
	case !ok:
		return true
	case r.minLength > 0 && utf8.RuneCountInString(s) < r.minLength:
		return w.report("must NOT have fewer than %d characters", r.minLength)
	case r.pattern != nil && !r.pattern.MatchString(s):
		return w.report(`must match pattern "%s"`, r.pattern)
	default:
		return true
	}
}

func (w *walker) checkChoices(r *rule, c *cell) bool {
	if r.enum != nil && !slices.Contains(r.enum, c.value) {
		return w.report("must be equal to one of the allowed values")
	}
	return w.checkAnyOf(r, c) && w.checkOneOf(r, c)
}

// checkAnyOf tries every branch even after a match, because AJV for 2020-12 does; a later branch may
// still coerce.
func (w *walker) checkAnyOf(r *rule, c *cell) bool {
	if r.anyOf == nil {
		return true
	}
	before, matched := len(w.messages), false
	for _, branch := range r.anyOf {
		if w.checkBranch(branch, c) {
			matched = true
		}
	}
	if !matched {
		return w.report("must match a schema in anyOf")
	}
	w.messages = w.messages[:before]
	return true
}

// checkOneOf stops at the second match. What a branch coerced stays, whether it matched or not.
func (w *walker) checkOneOf(r *rule, c *cell) bool {
	if r.oneOf == nil {
		return true
	}
	before, matches := len(w.messages), 0
	for _, branch := range r.oneOf {
		if w.checkBranch(branch, c) {
			matches++
		}
		if matches == 2 {
			break
		}
	}
	if matches != 1 {
		return w.report("must match exactly one schema in oneOf")
	}
	w.messages = w.messages[:before]
	return true
}

func (w *walker) checkBranch(branch *rule, c *cell) bool {
	outer := w.inBranch
	w.inBranch = true
	ok := w.check(branch, c)
	w.inBranch = outer
	return ok
}

func (w *walker) checkArray(r *rule, c *cell, late kind) bool {
	items, ok := c.value.([]any)
	if !ok {
		return late != arrayKind || w.report("must be %s", r.typeText)
	}
	if len(items) < r.minItems {
		return w.report("must NOT have fewer than %d items", r.minItems)
	}
	if r.items != nil {
		for i := range items {
			if !w.check(r.items, &cell{value: items[i], place: &items[i]}) {
				return false
			}
		}
	}
	if r.uniqueItems {
		if i, j, found := duplicate(items); found {
			return w.report("must NOT have duplicate items (items ## %d and %d are identical)", j, i)
		}
	}
	return true
}

func (w *walker) checkObject(r *rule, c *cell, late kind) bool {
	o, ok := c.value.(*Object)
	if !ok {
		return late != objectKind || w.report("must be %s", r.typeText)
	}
	for _, name := range r.required {
		if o.find(name) < 0 {
			return w.report("must have required property '%s'", name)
		}
	}
	if r.closed {
		for name := range o.All() {
			if !r.known[name] {
				return w.report("must NOT have additional properties")
			}
		}
	}
	for _, p := range r.properties {
		place := o.slot(p.name)
		if place != nil && !w.check(p.rule, &cell{value: *place, place: place}) {
			return false
		}
	}
	return true
}
