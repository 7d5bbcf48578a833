package worker

import "github.com/grapnel-chat/grapnel/scripts/internal/wire"

// realms keeps the scripts that a worker has loaded, with the state they hold between calls. The
// ones that were not called for longest go first when memory gets short.
type realms struct {
	limits  wire.Limits
	byOwner map[string]*realm
	calls   uint64
}

func newRealms(l wire.Limits) *realms {
	return &realms{limits: l, byOwner: make(map[string]*realm)}
}

// find returns the realm that holds this version of the owner's script, or nil.
func (s *realms) find(owner, version []byte) *realm {
	r := s.byOwner[string(owner)]
	if r == nil {
		return nil
	}
	if r.version != string(version) {
		s.drop(r)
		return nil
	}
	s.touch(r)
	return r
}

func (s *realms) add(r *realm) {
	s.byOwner[r.owner] = r
	s.touch(r)
}

func (s *realms) touch(r *realm) {
	s.calls++
	r.called = s.calls
}

func (s *realms) drop(r *realm) { delete(s.byOwner, r.owner) }

// areTooMany says whether the realms keep more than they may, as far as the last collection told.
func (s *realms) areTooMany(live uint64) bool { return live > s.limits.Kept() && len(s.byOwner) > 1 }

// trim drops realms until the others keep no more than they may. The one that was called last
// stays in any case. Each collection takes a while, so that as many go before one as hold what is
// too much, if all are alike; and twice as many as the time before, should those have been small.
func (s *realms) trim(collect func() (live uint64)) {
	for least := 1; len(s.byOwner) > 1; least *= 2 {
		live := collect()
		// Three quarters, lest the next call begins with a collection again.
		most := s.limits.Kept() / 4 * 3
		if live <= most {
			return
		}
		share := live / uint64(len(s.byOwner))
		s.dropOldest(max(least, int((live-most)/share)+1)) //nolint:gosec // no more than there are
	}
}

func (s *realms) dropOldest(n int) {
	for ; n > 0 && len(s.byOwner) > 1; n-- {
		s.drop(s.oldest())
	}
}

func (s *realms) oldest() *realm {
	var oldest *realm
	for _, r := range s.byOwner {
		if oldest == nil || r.called < oldest.called {
			oldest = r
		}
	}
	return oldest
}
