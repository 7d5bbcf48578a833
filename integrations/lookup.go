package integrations

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/grapnel-chat/grapnel/workspace"
)

// misses are the questions to the store for integrations that are not in memory.
type misses struct {
	calls singleflight.Group

	mu     sync.Mutex
	bucket Bucket
}

// lookUpIncoming answers the incoming integration with that id. One that is not in memory may have
// been made at another server a moment ago, so the store is asked: once for all who wait, and not for
// whatever strangers try.
func (s *Service) lookUpIncoming(ctx context.Context, id string) (i Integration, ok bool, err error) {
	if i, ok := s.Index.Incoming(id); ok {
		return i, true, nil
	}
	_, err, _ = s.misses.calls.Do(id, func() (any, error) {
		if !s.misses.pass(time.Now()) {
			return nil, nil
		}
		return nil, s.remember(context.WithoutCancel(ctx), id)
	})
	i, ok = s.Index.Incoming(id)
	return i, ok, err
}

// pass says whether the store may be asked. People make integrations one by one, so a few questions
// are enough for theirs.
func (m *misses) pass(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.bucket.Take(Rate{PerSecond: 10, Burst: 50}, now)
	return ok
}

// remember brings an incoming integration that the store has into memory. A change made here meanwhile
// waits, as it does in Refresh.
func (s *Service) remember(ctx context.Context, id string) error {
	s.changes.Lock()
	defer s.changes.Unlock()
	i, err := s.Store.Integration(ctx, id)
	if errors.Is(err, workspace.ErrNotFound) || err == nil && i.Kind != Incoming {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for integration: %w", err)
	}
	o, err := s.Store.Options(ctx, id)
	if err != nil {
		return fmt.Errorf("look for options of integration: %w", err)
	}
	s.Index.Put(i)
	s.Index.PutOptions(o)
	return nil
}
