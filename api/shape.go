package api

import "time"

// isoTime prints a time as JavaScript does; the zero time is left out.
func isoTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// each shapes every item of a list. The list is never nil, so that it is never left out.
func each[A, B any](list []A, shape func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, item := range list {
		out = append(out, shape(item))
	}
	return out
}
