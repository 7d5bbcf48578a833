package api

import "time"

// isoTime prints a time as JavaScript does; the zero time is left out.
func isoTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// dateOf reads a date as JavaScript writes it, in full or without the time. No text is no date.
func dateOf(text string) (at time.Time, ok bool) {
	if text == "" {
		return at, true
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05.999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return at, false
}

// each shapes every item of a list. The list is never nil, so that it is never left out.
func each[A, B any](list []A, shape func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, item := range list {
		out = append(out, shape(item))
	}
	return out
}
