package language

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Reads is what a script may read of a value that is made from JSON. Nil is all of it. Otherwise
// the value's objects need only the members that Member names; an array has all its elements, and
// each of them is read alike.
type Reads struct {
	whole   bool
	members map[string]*Reads
	// While a script is looked at: of what it is a member, and its name; none for the whole argument.
	of   *Reads
	name string
}

// Member tells whether a member of an object is read, and what of it.
func (r *Reads) Member(name []byte) (of *Reads, read bool) {
	of, read = r.members[string(name)]
	if read && of.whole || isAlwaysRead(name) {
		return nil, true
	}
	return of, read
}

// isAlwaysRead is for the names of which all is read though no script mentions them: those that the
// language itself looks up, that a key has which turns out to be missing, and those of elements.
func isAlwaysRead(name []byte) bool {
	switch string(name) {
	case "", "toString", "valueOf", "toJSON", "then", "hasOwnProperty", "undefined", "NaN", "Infinity":
		return true
	}
	return isElementName(name)
}

// isElementName is for what a script may take for an array, and is an object with numbers for names.
func isElementName(name []byte) bool {
	return len(name) > 0 && (name[0] == '-' || '0' <= name[0] && name[0] <= '9')
}

// readsMark begins what the first line of a compiled text says of this. Who mends readsOf changes
// it: what was found before is not believed then, until the script is saved again.
const readsMark = "reads:"

// comment is the text form: name for all of a member, name(a,b) for some of it, name() where only
// the value itself counts, as of a text.
func (r *Reads) comment() string {
	if r == nil || r.whole {
		return ""
	}
	var out strings.Builder
	out.WriteString(readsMark)
	r.write(&out)
	return out.String()
}

func (r *Reads) write(out *strings.Builder) {
	separator := ""
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		if isAlwaysRead([]byte(name)) {
			continue
		}
		out.WriteString(separator)
		separator = ","
		out.WriteString(url.QueryEscape(name))
		if member := r.members[name]; !member.whole {
			out.WriteByte('(')
			member.write(out)
			out.WriteByte(')')
		}
	}
}

// ReadsOf is what a compiled text's first line says of its reads, nil where it does not say.
func ReadsOf(compiled string) *Reads {
	list, _ := traitList(compiled)
	_, text, found := strings.Cut(list, readsMark)
	if !found {
		return nil
	}
	r, rest, ok := parseReads(text, 0)
	if !ok || rest != "" {
		return nil
	}
	return r
}

// parseReads reads members up to the end or a closing parenthesis, and returns what follows.
func parseReads(text string, depth int) (r *Reads, rest string, ok bool) {
	r = &Reads{members: make(map[string]*Reads)}
	if depth > deepestRead {
		return nil, "", false
	}
	if text == "" || text[0] == ')' {
		return r, text, true
	}
	for {
		end := strings.IndexAny(text, ",()")
		if end < 0 {
			end = len(text)
		}
		name, err := url.QueryUnescape(text[:end])
		if err != nil || name == "" {
			return nil, "", false
		}
		member := &Reads{whole: true}
		if text = text[end:]; strings.HasPrefix(text, "(") {
			if member, text, ok = parseReads(text[1:], depth+1); !ok || text == "" {
				return nil, "", false
			}
			text = text[1:]
		}
		r.members[name] = member
		if text == "" || text[0] != ',' {
			return r, text, text == "" || text[0] == ')'
		}
		text = text[1:]
	}
}

// repeats tells whether a member of that name lies within another one of that name. What a script
// does to members of members without end is not followed further.
func (r *Reads) repeats(name string) bool {
	for ; r != nil; r = r.of {
		if r.name == name {
			return true
		}
	}
	return false
}

// depth is how many members lead to a part.
func (r *Reads) depth() int {
	n := 0
	for ; r.of != nil; r = r.of {
		n++
	}
	return n
}
