package integrations

import (
	"context"
	"fmt"

	"github.com/grapnel-chat/grapnel/workspace"
)

// OptionChanges are the options that a request sets anew. What was not sent stays, null resets.
type OptionChanges struct {
	IntegrationID string
	Policy        Optional[Policy]
	Retry         Optional[Retry]
	Ordered       Optional[bool]
	TLS           Optional[TLS]
	Limits        Optional[Limits]
	Log           Optional[LogRules]
}

// Options answers the options of an integration that the caller may manage.
func (s *Service) Options(ctx context.Context, caller workspace.User, integrationID string) (Options, error) {
	if _, err := s.Find(ctx, caller, integrationID, ""); err != nil {
		return Options{}, err
	}
	o, err := s.Store.Options(ctx, integrationID)
	if err != nil {
		return o, fmt.Errorf("read options: %w", err)
	}
	return o, nil
}

// SetOptions changes the options of an integration that the caller may manage, and answers them as
// they stand then. The record, with the time of its last change, stays as it is.
func (s *Service) SetOptions(ctx context.Context, caller workspace.User, c OptionChanges) (Options, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	i, err := s.Find(ctx, caller, c.IntegrationID, "")
	if err != nil {
		return Options{}, err
	}
	o, err := s.Store.Options(ctx, i.ID)
	if err != nil {
		return o, fmt.Errorf("read options: %w", err)
	}
	c.apply(&o)
	if err := o.check(i.Kind); err != nil {
		return o, err
	}
	o.UpdatedAt = now()
	return o, s.storeOptions(ctx, o)
}

func (c OptionChanges) apply(o *Options) {
	set(&o.Policy, c.Policy)
	set(&o.Ordered, c.Ordered)
	set(&o.TLS, c.TLS)
	set(&o.Limits, c.Limits)
	set(&o.Log, c.Log)
	o.Retry = c.Retry.or(o.Retry)
}

// set writes what was sent; null is the zero value.
func set[T any](to *T, sent Optional[T]) {
	switch {
	case !sent.Sent:
	case sent.Value == nil:
		var zero T
		*to = zero
	default:
		*to = *sent.Value
	}
}

func (s *Service) storeOptions(ctx context.Context, o Options) error {
	if err := s.Store.SaveOptions(ctx, o); err != nil {
		return fmt.Errorf("save options: %w", missing(err, workspace.ErrNotFound))
	}
	s.Index.PutOptions(o)
	return nil
}
