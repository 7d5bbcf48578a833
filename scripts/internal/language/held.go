package language

// held is what an expression may give, as far as a script's reads are followed: parts of the
// request or arrays of such, which are not told apart; and texts, to know which member a computed
// key names.
type held struct {
	parts map[*Reads]bool
	texts map[string]bool
	list  map[string]bool // arrays of these texts
	other bool            // and anything else, but never with a part in it
}

// anything is what no part of the request is in.
var anything = held{other: true}

func text(s string) held { return held{texts: map[string]bool{s: true}} }

// add joins what else may be given, and says whether that is new.
func (h *held) add(more held) (grown bool) {
	grown = addAll(&h.parts, more.parts)
	grown = addAll(&h.texts, more.texts) || grown
	grown = addAll(&h.list, more.list) || grown
	grown = grown || more.other && !h.other
	h.other = h.other || more.other
	return grown
}

func addAll[K comparable](to *map[K]bool, from map[K]bool) (grown bool) {
	for k := range from {
		if !(*to)[k] {
			if *to == nil {
				*to = make(map[K]bool)
			}
			(*to)[k], grown = true, true
		}
	}
	return grown
}

// either is what one of several expressions gives.
func either(all ...held) held {
	var out held
	for _, h := range all {
		out.add(h)
	}
	return out
}

// element is what a loop over the value gives.
func (h held) element() held {
	return held{parts: h.parts, texts: h.list, other: h.other || len(h.texts) > 0 || len(h.parts) > 0}
}

// isText says that it is one of the texts and nothing else.
func (h held) isText() bool {
	return len(h.texts) > 0 && len(h.parts) == 0 && len(h.list) == 0 && !h.other
}
