package sqlite

import "context"

// Revision answers how often this process has changed what it holds in memory: nobody else writes to
// the folder.
func (s *Store) Revision(context.Context) (int64, error) { return s.changes.Load(), nil }

// writeHeld is write for what servers hold in memory.
func (s *Store) writeHeld(ctx context.Context, action string, do func(t *tx) error) error {
	return s.write(ctx, action, func(t *tx) error {
		t.onCommit(func() { s.changes.Add(1) })
		return do(t)
	})
}
