package language

import "strings"

// Traits are what compiling learned of a script. They stand at the end of a compiled text's first
// line, so that the pool can read them without a parser.
type Traits struct {
	Stateless bool // keeps nothing from call to call, so any worker may run it
	Store     bool // mentions Store
	Calls     bool // mentions HTTP, fetch or serverFetch
	Mapped    bool // lowered: a source map stands on the last line
}

// TraitsMark begins the traits; nothing else on the first line may hold it.
const TraitsMark = "//! "

// comment is the end of the first line, which says in its last word what the script reads.
func (t Traits) comment(reads *Reads) string {
	var words []string
	for _, trait := range t.words() {
		if *trait.has {
			words = append(words, trait.word)
		}
	}
	words = append(words, reads.comment())
	return strings.TrimSpace(TraitsMark + strings.Join(words, " "))
}

// TraitsOf reads the first line. Of a text without traits everything is assumed.
func TraitsOf(compiled string) Traits {
	list, found := traitList(compiled)
	if !found {
		return Traits{Store: true, Calls: true}
	}
	list, _, _ = strings.Cut(list, readsMark)
	var t Traits
	for word := range strings.FieldsSeq(list) {
		for _, trait := range t.words() {
			if trait.word == word {
				*trait.has = true
			}
		}
	}
	return t
}

// traitList is what stands behind the mark.
func traitList(compiled string) (list string, found bool) {
	line, _, _ := strings.Cut(compiled, "\n")
	if _, list, found = strings.Cut(line, TraitsMark); !found {
		found = strings.HasSuffix(line, strings.TrimSpace(TraitsMark))
	}
	return list, found
}

type trait struct {
	word string
	has  *bool
}

func (t *Traits) words() []trait {
	return []trait{{"stateless", &t.Stateless}, {"store", &t.Store}, {"calls", &t.Calls}, {"mapped", &t.Mapped}}
}
