package scripts

import "strings"

// asV8 replaces the engine's wording of the commonest errors: authors search the web for V8's. The
// engine does not tell null from undefined there; undefined is by far the commoner.
func asV8(message string) string {
	for _, w := range []struct{ before, after, v8Before, v8After string }{
		{"Cannot read property '", "' of undefined", "Cannot read properties of undefined (reading '", "')"},
		{"Cannot read property '", "' of undefined or null", "Cannot read properties of undefined (reading '", "')"},
		{"Object has no member '", "'", "", " is not a function"},
		{"Value is not an object: ", "", "", " is not a function"},
		{"Value is not callable: ", "", "", " is not a function"},
	} {
		rest, ok := strings.CutPrefix(message, w.before)
		if !ok {
			continue
		}
		if name, ok := strings.CutSuffix(rest, w.after); ok {
			return w.v8Before + name + w.v8After
		}
	}
	return message
}
