package integrations

import (
	"context"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TrialRequest asks for the trial of a script for an integration of a kind.
type TrialRequest struct {
	Kind Kind
	// IntegrationID lends the trial what an integration adds: whom it posts as, its alias, picture and
	// channels, and its script where Trial has none. Empty: none.
	IntegrationID string
	Trial         Trial
}

// Try runs a script for who may manage integrations of its kind. Nothing is posted, sent or kept,
// and no state of an integration's own script is seen or changed.
func (s *Service) Try(ctx context.Context, caller workspace.User, r TrialRequest) (Tried, error) {
	if err := s.mayTry(caller, r.Kind); err != nil {
		return Tried{}, err
	}
	t := r.Trial
	t.Owner, t.Poster = "test:"+caller.ID, caller
	if r.IntegrationID != "" {
		if err := s.lend(ctx, caller, r, &t); err != nil {
			return Tried{}, err
		}
	}
	if t.Method == "" {
		t.Method = r.Kind.firstMethod(t)
	}
	switch {
	case blank(t.Source.Text):
		return Tried{}, ErrScriptBlank
	case (t.Method == ProcessIncomingRequest) != (r.Kind == Incoming):
		return Tried{}, &TrialError{"Integrations of type " + string(r.Kind) + " do not call the method " + string(t.Method) + "."}
	}
	return Try(ctx, s.Scripts, t)
}

// mayTry holds the rules that creating an integration with a script has.
func (s *Service) mayTry(caller workspace.User, kind Kind) error {
	op := AddIncoming
	switch kind {
	case Incoming:
	case Outgoing:
		op = AddOutgoing
	default:
		return ErrType
	}
	switch {
	case s.reach(caller, kind) == permissions.None:
		return refuse(op, ErrNotAuthorized)
	case s.Freeze != NotFrozen:
		return refuse(op, s.frozen())
	case s.ScriptsOff:
		return ErrScriptsOff
	default:
		return nil
	}
}

// lend fills in what the integration adds.
func (s *Service) lend(ctx context.Context, caller workspace.User, r TrialRequest, t *Trial) error {
	i, err := s.Find(ctx, caller, r.IntegrationID, "")
	if err != nil {
		return err
	}
	if i.Kind != r.Kind {
		return &TrialError{"The integration is not of type " + string(r.Kind) + "."}
	}
	if blank(t.Source.Text) {
		t.Source = ScriptSource{Text: text(i.Script), Strict: i.SkipTranspile}
	}
	t.Or = defaults(i)
	if i.Kind == Outgoing {
		t.Or.Targets = nil // a reply goes to the target room or where the event happened
		if room := text(i.TargetRoom); room != "" {
			t.Or.Targets = []string{room}
		}
	}
	poster, err := s.Chat.UserByUsername(ctx, i.Username)
	if err == nil {
		t.Poster = poster
	}
	return missing(err, nil)
}

// firstMethod is the one that is tried where none is named.
func (k Kind) firstMethod(t Trial) ScriptMethod {
	if k == Incoming {
		return ProcessIncomingRequest
	}
	if g, err := readGiven(t.Argument); err == nil && g.response != nil {
		return ProcessOutgoingResponse
	}
	return PrepareOutgoingRequest
}
