package integrations

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	// tellAfter is how long an outage lasts before people are told.
	tellAfter = 24 * time.Hour
	// disableAfter is how long all URLs of an integration have to be out before it is disabled.
	disableAfter = 5 * 24 * time.Hour
	// noticed is for how long people have known by then. One that is called once a week is not disabled
	// at its second failure.
	noticed = disableAfter - tellAfter
)

// outages are the outages as they are in the store, by lane, so that a call asks no store.
type outages struct {
	changing chan struct{} // one change at a time: each looks before it writes. No mutex, as it is held while the store writes
	mu       sync.RWMutex
	byLane   map[string]Outage
}

func newOutages() *outages {
	return &outages{changing: make(chan struct{}, 1), byLane: map[string]Outage{}}
}

// begin waits for the turn to change something; end gives it back.
func (o *outages) begin() { o.changing <- struct{}{} }
func (o *outages) end()   { <-o.changing }

func (o *outages) of(lane string) (Outage, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	found, ok := o.byLane[lane]
	return found, ok
}

func (o *outages) put(changed Outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byLane[changed.Lane] = changed
}

func (o *outages) remove(lane string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.byLane, lane)
}

func (o *outages) replace(byLane map[string]Outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byLane = byLane
}

// ofIntegration answers the outages of an integration by URL.
func (o *outages) ofIntegration(id string) map[string]Outage {
	o.mu.RLock()
	defer o.mu.RUnlock()
	byURL := map[string]Outage{}
	for _, outage := range o.byLane {
		if outage.IntegrationID == id {
			byURL[outage.URL] = outage
		}
	}
	return byURL
}

// Outages answers how many lanes are out.
func (s *Service) Outages() int {
	s.outages.mu.RLock()
	defer s.outages.mu.RUnlock()
	return len(s.outages.byLane)
}

// FollowOutages reads the outages that other servers have written, and ends those of integrations that
// are disabled: once they are enabled again, time counts anew.
func (s *Service) FollowOutages(ctx context.Context) error {
	s.outages.begin()
	defer s.outages.end()
	all, err := s.Store.Outages(ctx)
	if err != nil {
		return fmt.Errorf("read outages: %w", err)
	}
	byLane := make(map[string]Outage, len(all))
	for _, o := range all {
		i, ok := s.Index.Outgoing(o.IntegrationID)
		switch {
		case !ok: // another server has just made it
		case i.Enabled:
			byLane[o.Lane] = o
		default:
			if err := s.Store.RemoveOutage(ctx, o.Lane); err != nil {
				return fmt.Errorf("end outage: %w", err)
			}
		}
	}
	s.outages.replace(byLane)
	return nil
}

// CallSucceeded ends the outage of a delivery's lane.
func (s *Service) CallSucceeded(ctx context.Context, lane string) error {
	if _, out := s.outages.of(lane); !out {
		return nil
	}
	s.outages.begin()
	defer s.outages.end()
	if _, out := s.outages.of(lane); !out { // somebody else has ended it
		return nil
	}
	if err := s.Store.RemoveOutage(ctx, lane); err != nil {
		return fmt.Errorf("end outage: %w", err)
	}
	s.outages.remove(lane)
	return nil
}

// CallFailed lets an outage begin, or asks how long it has lasted: after a day people are told, after
// five the integration is disabled.
func (s *Service) CallFailed(ctx context.Context, failed Outage) error {
	if o, out := s.outages.of(failed.Lane); out && !o.toAct(failed.Since) {
		return nil
	}
	s.outages.begin()
	defer s.outages.end()
	o, out := s.outages.of(failed.Lane)
	if !out {
		begun, err := s.Store.AddOutage(ctx, failed)
		if err != nil {
			return missing(fmt.Errorf("begin outage: %w", err), nil) // the integration was removed meanwhile
		}
		s.outages.put(begun)
		o = begun
	}
	at := failed.Since
	o.LastError = failed.LastError
	i, ok := s.Index.Outgoing(o.IntegrationID)
	switch {
	case !ok || !i.Enabled:
		return nil
	case s.allOut(i, at):
		return s.disableAfterOutage(ctx, i, o)
	case o.Told.IsZero() && at.Sub(o.Since) >= tellAfter:
		return s.tellOutage(ctx, i, o, at)
	default:
		return nil
	}
}

// toAct reports whether something may be due at that time.
func (o Outage) toAct(at time.Time) bool {
	return at.Sub(o.Since) >= disableAfter || o.Told.IsZero() && at.Sub(o.Since) >= tellAfter
}

// allOut reports whether no URL of the integration had a success for as long as it takes, and people
// had time to look.
func (s *Service) allOut(i Integration, at time.Time) bool {
	byURL := s.outages.ofIntegration(i.ID)
	for _, url := range i.URLs {
		if o, out := byURL[url]; !out || at.Sub(o.Since) < disableAfter || o.Told.IsZero() || at.Sub(o.Told) < noticed {
			return false
		}
	}
	return true
}

// tellOutage tells people and then writes down that they were told: after a crash in between they are
// told by the same message, of which there can only be one.
func (s *Service) tellOutage(ctx context.Context, i Integration, o Outage, at time.Time) error {
	if err := s.tell(ctx, i, noticeOf(o, "out"), outText(i, o)); err != nil {
		return err
	}
	o.Told = at
	if err := s.Store.SaveOutage(ctx, o); err != nil && !errors.Is(err, workspace.ErrNotFound) {
		return fmt.Errorf("save outage: %w", err)
	}
	s.outages.put(o)
	s.Logger.WarnContext(ctx, "receiver has been out for a day, people were told", "integration_id", i.ID, "since", o.Since, "cause", o.LastError)
	return nil
}

func (s *Service) disableAfterOutage(ctx context.Context, i Integration, o Outage) error {
	if err := s.tell(ctx, i, noticeOf(o, "disabled"), disabledText(i, o)); err != nil {
		return err
	}
	if err := s.Disable(ctx, i.ID); err != nil {
		return fmt.Errorf("disable after an outage: %w", err)
	}
	s.Logger.WarnContext(ctx, "integration disabled, as it had no success for five days", "integration_id", i.ID, "since", o.Since, "cause", o.LastError)
	for _, ended := range s.outages.ofIntegration(i.ID) {
		if err := s.Store.RemoveOutage(ctx, ended.Lane); err != nil {
			return fmt.Errorf("end outage: %w", err)
		}
		s.outages.remove(ended.Lane)
	}
	return nil
}
