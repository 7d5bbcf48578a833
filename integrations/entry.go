package integrations

import (
	"slices"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	mostConsoleKept = 16 << 10 // bytes of one exchange
	mostErrorKept   = 2 << 10
	mostTextKept    = 200 // bytes of a message's text
)

// entry is an exchange as it is handed over, before anything of it is cut, hidden or encrypted: that
// is done by who writes it, so that nobody waits for it. It refers to what it holds, and nobody
// changes any of that.
type entry struct {
	Exchange

	hook   *HookRequest // of a request
	fault  error        // of a request
	result ScriptResult // of a request
	posted []workspace.Posted

	attempt *Attempted // of an attempt
}

// weight is about how many bytes it holds.
func (e *entry) weight() int {
	total := weightOf
	if e.Bare {
		return total
	}
	if e.hook != nil {
		total += len(e.hook.Body) + len(e.result.Value)
	}
	if e.attempt != nil && e.attempt.Request != nil {
		total += len(e.attempt.Request.Body)
	}
	if e.attempt != nil && e.attempt.Response != nil {
		total += len(e.attempt.Response.Body)
	}
	if e.attempt != nil {
		for _, line := range e.attempt.Console {
			total += len(line)
		}
	}
	return total
}

// sighting is what Receive sees on its way of a request that it is going to log.
type sighting struct {
	integrationID string // empty: its token was wrong, and nothing is logged
	result        ScriptResult
}

// received logs a request to a hook and answers the entry's id; empty: it is not logged.
func (j *Journal) received(r HookRequest, started time.Time, seen *sighting, answer *HookAnswer, err error) string {
	if j == nil || seen.integrationID == "" {
		return ""
	}
	level := j.level(j.Index.Options(seen.integrationID))
	if level == LogOff {
		return ""
	}
	return j.queue(entry{
		Exchange: Exchange{
			IntegrationID: seen.integrationID, Kind: Incoming, At: started, Took: time.Since(started), RequestID: r.RequestID,
			ReplayOf: r.ReplayOf, Size: int64(len(r.Body)), Bare: level == LogMetadata,
		},
		hook: &r, fault: err, result: seen.result, posted: answer.Posted,
	})
}

// finish makes the exchange to keep: it words the outcome, cuts what is long, hides what is secret.
func (j *Journal) finish(e *entry) Exchange {
	if e.hook != nil {
		return j.finishRequest(e)
	}
	return j.finishAttempt(e)
}

func (j *Journal) finishRequest(e *entry) Exchange {
	x, r := e.Exchange, e.hook
	hidden := j.scratch.hidden[:0]
	hidden.add(r.Token)
	query, more := strikeQuery(r.RawQuery)
	hidden = append(hidden, more...)
	j.hideHeader(r.Header, &hidden)
	j.scratch.hidden = hidden
	query = hidden.strike(query)
	var scripted bool
	x.Outcome, x.Error, scripted = outcomeOfRequest(e)
	x.Error = hidden.strike(cut(x.Error, mostErrorKept))
	if x.Bare {
		x.Detail = &Detail{Method: r.Method}
		if scripted { // it may hold what the script was given
			x.Error = ""
		}
		return x
	}
	sealed := j.scratch.sealed[:0]
	lines := j.headerLines(r.Header, hidden, &sealed)
	if query != r.RawQuery {
		sealed.add(queryName, r.RawQuery)
	}
	j.scratch.sealed = sealed
	x.Detail = &Detail{
		Address: r.Address, Method: r.Method, URL: shownPath(r.IntegrationID, query), RequestHeader: lines,
		RequestBody: excerpt(r.Body, j.Body), Result: j.struck(e.result.Value, hidden), Console: hidden.strikeLines(consoleOf(e)),
		Messages: messagesOf(e.posted), Sealed: j.sealed(sealed, x.IntegrationID),
	}
	return x
}

// shownPath is a hook's path without its token.
func shownPath(integrationID, query string) string {
	path := "/hooks/" + integrationID + "/" + Redacted
	if query != "" {
		path += "?" + query
	}
	return path
}

// hideHeader hides the values that are secret by their name wherever else they occur.
func (j *Journal) hideHeader(header map[string]string, hidden *secrets) {
	for name, value := range header {
		if j.isSecret(name) {
			hidden.addHeader(name, value)
		}
	}
}

// headerLines answers headers by name as they are shown. Those whose value is not shown are kept where
// sealed is not nil.
func (j *Journal) headerLines(header map[string]string, hidden secrets, sealed *sealing) []HeaderLine {
	from := len(j.scratch.lines)
	for name, value := range header {
		line := HeaderLine{Name: name, Value: value, Secret: j.isSecret(name)}
		if line.Secret || hidden.in(value) {
			if sealed != nil {
				sealed.add(name, value)
			}
			line.Value = hidden.strike(value)
		}
		if line.Secret {
			line.Value = ""
		}
		j.scratch.lines = append(j.scratch.lines, line)
	}
	lines := slices.Clip(j.scratch.lines[from:])
	slices.SortFunc(lines, func(a, b HeaderLine) int { return strings.Compare(a.Name, b.Name) })
	return lines
}

// isSecret remembers what isSecretName said: headers come with the same names again and again. A
// caller who makes up names does not fill the memory.
func (j *Journal) isSecret(name string) bool {
	secret, known := j.secretNames[name]
	if !known {
		secret = isSecretName(strings.ToLower(name))
		if len(j.secretNames) < mostNames {
			j.secretNames[name] = secret
		}
	}
	return secret
}

const mostNames = 1000

// struck is an excerpt without secrets. Its size is that of the text with something else in their
// place, so that what is whole does not look cut.
func (j *Journal) struck(text []byte, hidden secrets) Excerpt {
	out := excerpt(text, j.Body)
	if shown := string(out.Bytes); hidden.in(shown) {
		struck := []byte(hidden.strike(shown))
		out = Excerpt{Bytes: struck, Size: out.Size + int64(len(struck)-len(shown))}
	}
	return out
}

// strikeLines strikes the secrets out of lines, which it leaves as they are.
func (s secrets) strikeLines(lines []string) []string {
	struck := lines
	for n, line := range lines {
		if s.in(line) {
			if &struck[0] == &lines[0] {
				struck = slices.Clone(lines)
			}
			struck[n] = s.strike(line)
		}
	}
	return struck
}

// cut takes at most so many bytes of a text, and no half of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// messagesOf names the messages that a request led to.
func messagesOf(posted []workspace.Posted) []Sent {
	var list []Sent
	for _, p := range posted {
		if p.Err == nil {
			list = append(list, Sent{Channel: p.Target, RoomID: p.Room.ID, MessageID: p.Message.ID, Text: cut(p.Message.Text, mostTextKept)})
		}
	}
	return list
}
