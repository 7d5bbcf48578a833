package integrations

import "context"

// Refresh reads all integrations again, which another server may have changed. A change made here
// meanwhile waits, so that it is not undone in memory by what was read before it.
func (s *Service) Refresh(ctx context.Context) error {
	s.changes.Lock()
	defer s.changes.Unlock()
	return s.Index.read(ctx, s.Store)
}
