package integrations

import (
	"slices"
	"strings"
)

// Optional is a member that a request may leave out, or send as null to clear it.
type Optional[T any] struct {
	Sent  bool
	Value *T // nil: null, or left out
}

// or answers the sent value, or the old one where nothing was sent.
func (o Optional[T]) or(old *T) *T {
	if o.Sent {
		return o.Value
	}
	return old
}

// Fields are the members of a request to create or update an integration. Their types have been
// checked against the schema; the rules are checked here.
type Fields struct {
	Type          string
	ID            string // update: which record; empty with a TargetURL
	TargetURL     string // update: the outgoing record that calls this URL
	Name          string
	Enabled       bool
	ScriptEnabled bool
	Username      Optional[string]
	Channel       string // comma separated
	Event         string

	Alias, Avatar, Emoji Optional[string]
	Script, ScriptEngine Optional[string]
	SkipTranspile        Optional[bool]
	OverrideChannel      Optional[bool]

	Token, TargetRoom, RetryDelay     Optional[string]
	URLs, TriggerWords                Optional[[]string]
	TriggerWordAnywhere, RunOnEdits   Optional[bool]
	RetryFailedCalls, ImpersonateUser Optional[bool]
	RetryCount                        Optional[float64]
}

// channels are the comma separated parts, trimmed.
func (f Fields) channels() []string {
	parts := strings.Split(f.Channel, ",")
	for n, part := range parts {
		parts[n] = strings.TrimSpace(part)
	}
	return parts
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// withoutBlanks drops the blank texts; what is left is never nil.
func withoutBlanks(texts []string) []string {
	kept := make([]string, 0, len(texts))
	for _, t := range texts {
		if !blank(t) {
			kept = append(kept, t)
		}
	}
	return kept
}

// list answers the texts that were sent.
func list(o Optional[[]string]) []string {
	if o.Value == nil {
		return nil
	}
	return slices.Clone(*o.Value)
}
