package language

import (
	"github.com/dop251/goja/ast"
)

// part is a member of a part of the request.
func (r *reading) part(of *Reads, name string) *Reads {
	if of.whole {
		return of
	}
	if of.of == r.root && name == "body" {
		name = "content" // the same under both names
	}
	member := of.members[name]
	if member == nil {
		if r.count++; r.count > mostReads || len(name) > longestReadName || of.depth() == deepestRead {
			r.lost = true
		}
		member = &Reads{of: of, name: name, members: make(map[string]*Reads)}
		member.whole = name == "length" || isAlwaysRead([]byte(name)) || of.repeats(name)
		of.members[name], r.grown = member, true
	}
	return member
}

// readWhole is for values of which more may be read than can be seen.
func (r *reading) readWhole(h held) {
	for part := range h.parts {
		r.set(&part.whole)
	}
}

// escape is for values that go out of sight.
func (r *reading) escape(h held) {
	r.readWhole(h)
	if len(h.list) > 0 {
		r.set(&r.listsChange)
	}
}

func (r *reading) escapeAll(functions []*function) {
	for _, f := range functions {
		r.set(&f.escapes)
	}
}

// member is a member with that name.
func (r *reading) member(of held, name string) held {
	if reaching.has(name) || name == "getPrototypeOf" || name == "setPrototypeOf" {
		return r.lose()
	}
	r.escapeAll(r.methods[name])
	out := held{other: true}
	for part := range of.parts {
		addAll(&out.parts, map[*Reads]bool{r.part(part, name): true})
		if isElementName([]byte(name)) {
			addAll(&out.parts, map[*Reads]bool{part: true})
		}
	}
	addAll(&out.texts, of.list)
	return out
}

// at is a member with a computed key.
func (r *reading) at(of held, key ast.Expression) held {
	_, isNumeral := key.(*ast.NumberLiteral)
	if name, ok := literalKey(key); ok && !isNumeral {
		return r.member(of, name)
	}
	given := r.once(key)
	switch {
	case isNumeral, isIndex(key, r.numbers):
		return held{parts: of.parts, texts: of.list, other: true}
	case given.isText():
		out := held{other: true}
		for name := range given.texts {
			out.add(r.member(of, name))
		}
		return out
	}
	r.readWhole(of)
	return held{parts: of.parts, texts: of.list, other: true}
}
