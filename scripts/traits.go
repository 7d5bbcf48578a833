package scripts

import "strings"

// traits are what compiling learned of a script. They stand at the end of a compiled text's first
// line, so that the pool can read them without a parser.
type traits struct {
	stateless bool // keeps nothing from call to call, so any worker may run it
	store     bool // mentions Store
	calls     bool // mentions HTTP, fetch or serverFetch
	mapped    bool // lowered: a source map stands on the last line
}

// traitsMark begins the traits; nothing else on the first line may hold it.
const traitsMark = "//! "

func (t traits) comment() string {
	var words []string
	for _, trait := range t.words() {
		if *trait.has {
			words = append(words, trait.word)
		}
	}
	return strings.TrimSpace(traitsMark + strings.Join(words, " "))
}

// traitsOf reads the first line. Of a text without traits everything is assumed.
func traitsOf(compiled string) traits {
	line, _, _ := strings.Cut(compiled, "\n")
	_, list, found := strings.Cut(line+" ", traitsMark)
	if !found {
		return traits{store: true, calls: true}
	}
	var t traits
	for word := range strings.FieldsSeq(list) {
		for _, trait := range t.words() {
			if trait.word == word {
				*trait.has = true
			}
		}
	}
	return t
}

type trait struct {
	word string
	has  *bool
}

func (t *traits) words() []trait {
	return []trait{{"stateless", &t.stateless}, {"store", &t.store}, {"calls", &t.calls}, {"mapped", &t.mapped}}
}
