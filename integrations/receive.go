package integrations

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// HookRequest is a request to a hook.
type HookRequest struct {
	IntegrationID string
	Token         string
	UserID        string // of the three-part form; it decides nothing
	Path          string // as it was asked for, still escaped
	RawQuery      string
	Header        map[string]string // names in lower case
	ContentType   string
	Body          []byte
	Method        string
	Address       string // of the caller
	RequestID     string
	ReplayOf      string // of a replay: the log's entry that is played again
}

// HookAnswer is what the caller of a hook is told.
type HookAnswer struct {
	Response []byte // JSON object made by the script, or nil
	Separate bool   // the caller asked for the outcome of each room
	Posted   []workspace.Posted
	Failed   bool   // posted separately, and no room took it
	LogID    string // of the log's entry; empty: there is none
}

// RejectedByScript is a request that the script answered with an error of its own.
type RejectedByScript struct {
	Detail []byte // JSON
}

// Error tells that it was the script.
func (e *RejectedByScript) Error() string { return "the script rejected the request" }

// Receive posts what a request to a hook says, through the integration's script if it has one, and
// logs it.
func (s *Service) Receive(ctx context.Context, r HookRequest) (HookAnswer, error) {
	started := time.Now()
	var seen sighting
	answer, err := s.receive(ctx, r, &seen)
	answer.LogID = s.Journal.received(r, started, &seen, &answer, err)
	return answer, err
}

func (s *Service) receive(ctx context.Context, r HookRequest, seen *sighting) (HookAnswer, error) {
	i, poster, err := s.hook(ctx, r)
	if !errors.Is(err, ErrUnknownHook) {
		seen.integrationID = r.IntegrationID
	}
	if err != nil {
		return HookAnswer{}, err
	}
	in, err := readBody(r.ContentType, r.Body)
	if err != nil {
		return HookAnswer{}, err
	}
	if !in.readable {
		s.Logger.WarnContext(ctx, "hook body is neither JSON nor a form",
			"integration_id", i.ID, "content_type", r.ContentType, "bytes", len(r.Body))
	}
	out := outcome{content: in.members, poster: poster}
	if s.runs(i) && len(r.Body) > 0 {
		if out, err = s.runIncoming(ctx, i, poster, r, in, seen); err != nil || out.nothing {
			return HookAnswer{}, err
		}
	}
	if out.content.Empty && !i.ScriptEnabled {
		return HookAnswer{}, nil
	}
	if out.content.NamesTarget && !i.OverrideChannel {
		return HookAnswer{}, ErrOverride
	}
	header := func(name string) string { return r.Header[name] }
	if out.causes, err = s.CausesOf(ctx, header, r.Body); err != nil {
		return HookAnswer{}, err
	}
	out.trace, out.relayed = traceOf(r.Header[traceHeader]), len(out.causes) == 0 && isRelayed(r, in.members)
	return s.postHook(ctx, i, out)
}

// HookUser answers whom the integration posts as that a request to a hook is for, whether it is
// enabled or not.
func (s *Service) HookUser(ctx context.Context, r HookRequest) (workspace.User, error) {
	_, poster, err := s.identify(ctx, r)
	return poster, err
}

// hook answers the integration that the request is for, and whom it posts as.
func (s *Service) hook(ctx context.Context, r HookRequest) (i Integration, poster workspace.User, err error) {
	i, poster, err = s.identify(ctx, r)
	switch {
	case err != nil:
		return i, poster, err
	case !i.Enabled:
		return i, poster, ErrDisabled
	case s.Impersonation && !s.Chat.Can(poster, permissions.MessageImpersonate):
		return i, poster, ErrImpersonation
	default:
		return i, poster, nil
	}
}

// identify finds the integration by its id and its token.
func (s *Service) identify(ctx context.Context, r HookRequest) (i Integration, poster workspace.User, err error) {
	i, ok, err := s.lookUpIncoming(ctx, r.IntegrationID)
	if err != nil {
		return i, poster, err
	}
	if subtle.ConstantTimeCompare([]byte(text(i.Token)), []byte(r.Token)) != 1 || !ok || r.Token == "" {
		return i, poster, ErrUnknownHook
	}
	poster, err = s.Chat.User(ctx, i.UserID)
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return i, poster, ErrNoPoster
	case err != nil:
		return i, poster, fmt.Errorf("read user to post as: %w", err)
	default:
		return i, poster, nil
	}
}

// outcome is what is to be posted, and what the script wants answered.
type outcome struct {
	nothing  bool // the script had nothing to post
	content  workspace.Content
	poster   workspace.User
	response []byte
	trace    string
	relayed  bool
	causes   []string
}

// runIncoming lets the script turn the request into a message.
func (s *Service) runIncoming(ctx context.Context, i Integration, poster workspace.User, r HookRequest, in body, seen *sighting) (outcome, error) {
	call := ScriptCall{Method: ProcessIncomingRequest, Argument: incomingArgument(poster, r), Content: in.content}
	if !bytes.Equal(in.content, r.Body) { // nearly always it is, and need not go twice
		call.Raw = r.Body
	}
	result, err := s.run(ctx, i, call)
	seen.result = result
	if err != nil {
		return outcome{}, err
	}
	if result.Missing { // nothing is posted, and the author can find out why
		s.keepLastError(ctx, i, ProcessIncomingRequest, &ScriptError{Phase: PhaseRun, Message: "the class Script has no method process_incoming_request"})
		return outcome{nothing: true}, nil
	}
	out, err := readOutcome(result.Value, in.members.Separate)
	if fault, ok := errors.AsType[*ScriptError](err); ok {
		fault.Console = result.Console
		err = s.failed(ctx, i, ProcessIncomingRequest, fault)
	}
	if err != nil || out.user == nil {
		out.poster = poster
		return out.outcome, err
	}
	out.poster, err = s.Chat.UserByIDOrName(ctx, *out.user)
	return out.outcome, missing(err, workspace.ErrUnknownUser)
}

// scripted is an outcome that may name another user to post as.
type scripted struct {
	outcome
	user *string
}

// readOutcome reads what process_incoming_request returned. What is falsy, true and an empty object
// mean that there is nothing to post.
func readOutcome(value []byte, separate *bool) (scripted, error) {
	none := scripted{outcome: outcome{nothing: true}}
	if v := jsontext.Value(value); !workspace.Truthy(v) || v.Kind() == 't' {
		return none, nil
	}
	var content, rejection, user jsontext.Value
	out, empty := scripted{}, true
	err := workspace.EachMember(value, func(name string, member jsontext.Value) {
		empty = false
		switch name {
		case "content":
			content = member
		case "error":
			rejection = member
		case "response":
			if member.Kind() == '{' {
				out.response = member
			}
		case "user":
			user = member
		}
	})
	switch {
	case err != nil:
		return out, wrongResult("something else")
	case empty:
		return none, nil
	case workspace.Truthy(rejection):
		return out, &RejectedByScript{Detail: rejection}
	case content.Kind() == '[':
		content = jsontext.Value("{}")
	case content.Kind() != '{':
		return out, wrongResult("an object whose content is no object")
	}
	out.content, err = workspace.ReadContent(content)
	if err != nil {
		return out, wrongResult("a content that is nested too deep")
	}
	if out.content.Separate == nil {
		out.content.Separate = separate
	}
	out.user = posterOf(user)
	return out, nil
}

// wrongResult tells the author what a method has to return.
func wrongResult(what string) error {
	return &ScriptError{
		Phase:   PhaseRun,
		Message: "process_incoming_request returned " + what + "; it has to return {content: {…}}, {error: …} or nothing",
	}
}

// posterOf reads the user that a script names: {_id} or {username}.
func posterOf(user jsontext.Value) (ref *string) {
	if user.Kind() != '{' {
		return nil
	}
	_ = workspace.EachMember(user, func(name string, value jsontext.Value) { // part of a document that parses
		if (name == "_id" || name == "username" && ref == nil) && value.Kind() == '"' {
			text, _ := jsontext.AppendUnquote(nil, value)
			named := string(text)
			ref = &named
		}
	})
	return ref
}

// postHook posts the outcome in every room that it is for.
func (s *Service) postHook(ctx context.Context, i Integration, out outcome) (HookAnswer, error) {
	d := out.content.Draft(out.poster, defaults(i))
	d.Bot, d.Trace, d.Relayed, d.Causes = botMark(i), out.trace, out.relayed, out.causes
	posted, err := s.Chat.Post(ctx, d)
	if err != nil {
		return HookAnswer{}, err
	}
	if len(posted) == 0 {
		return HookAnswer{}, ErrNothingPosted
	}
	answer := HookAnswer{Response: out.response, Separate: d.Separate, Posted: posted, Failed: d.Separate}
	for _, p := range posted {
		answer.Failed = answer.Failed && p.Err != nil
	}
	return answer, nil
}

// defaults are what messages of an integration look like unless they say otherwise.
func defaults(i Integration) workspace.Defaults {
	return workspace.Defaults{Alias: text(i.Alias), Avatar: text(i.Avatar), Emoji: text(i.Emoji), Targets: i.Channels}
}

// botMark marks a message as made by an integration.
func botMark(i Integration) []byte {
	return append(appendText([]byte(`{"i":`), i.ID), '}')
}
