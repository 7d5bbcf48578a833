package integrations

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// ErrNoSigningKey says that the server has no key to make secrets from.
var ErrNoSigningKey = errors.New("server has no signing key")

const (
	// keepSecret is how long the secret before counts after a rotation that says nothing of it.
	keepSecret = 24 * time.Hour
	// longestKeep is how long it may count.
	longestKeep = 30 * 24 * time.Hour
)

// Secrets are what a receiver checks the signatures of an integration's deliveries with.
type Secrets struct {
	Current  string
	Previous string    // empty: none counts any more
	Until    time.Time // of the previous one
}

// Secrets answers the secrets of an outgoing integration that the caller may manage.
func (s *Service) Secrets(ctx context.Context, caller workspace.User, integrationID string) (Secrets, error) {
	if err := s.checkSigned(ctx, caller, integrationID); err != nil {
		return Secrets{}, err
	}
	o, err := s.Store.Options(ctx, integrationID)
	if err != nil {
		return Secrets{}, fmt.Errorf("read options: %w", err)
	}
	return s.secretsOf(o, now()), nil
}

// RotateSecret makes another secret and lets the one before count for a while; nil: for a day. Its
// error is an *OptionError where that cannot be.
func (s *Service) RotateSecret(ctx context.Context, caller workspace.User, integrationID string, keepFor *time.Duration) (Secrets, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	if err := s.checkSigned(ctx, caller, integrationID); err != nil {
		return Secrets{}, err
	}
	keep := keepSecret
	if keepFor != nil {
		keep = *keepFor
	}
	if keep < 0 || keep > longestKeep {
		return Secrets{}, &OptionError{"keepFor", "has to be a number of seconds from 0 to 2592000"}
	}
	o, err := s.Store.Options(ctx, integrationID)
	if err != nil {
		return Secrets{}, fmt.Errorf("read options: %w", err)
	}
	at := now()
	o.Signing = Signing{Generation: o.Signing.Generation + 1, OldUntil: at.Add(keep)}
	return s.secretsOf(o, at), s.storeOptions(ctx, o)
}

// checkSigned refuses an integration that has no secret, or none that the caller may know.
func (s *Service) checkSigned(ctx context.Context, caller workspace.User, id string) error {
	i, err := s.Find(ctx, caller, id, "")
	switch {
	case err != nil:
		return err
	case i.Kind != Outgoing:
		return ErrNotOutgoing
	case len(s.SigningKey) == 0:
		return ErrNoSigningKey
	default:
		return nil
	}
}

func (s *Service) secretsOf(o Options, at time.Time) Secrets {
	valid := o.Signing.valid(at)
	secrets := Secrets{Current: s.secretText(o.IntegrationID, valid[0])}
	if len(valid) > 1 {
		secrets.Previous, secrets.Until = s.secretText(o.IntegrationID, valid[1]), o.Signing.OldUntil
	}
	return secrets
}

func (s *Service) secretText(integrationID string, generation int) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(s.secret(integrationID, generation))
}
