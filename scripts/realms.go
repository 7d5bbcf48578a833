package scripts

import "runtime"

// realms keeps the scripts that a worker has loaded, with the state they hold between calls. The
// ones that were not called for longest go first when memory gets short.
type realms struct {
	limits  Limits
	byOwner map[string]*realm
	calls   uint64
}

func newRealms(l Limits) *realms {
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

// trim drops realms until the others keep no more than they may. The one that was called last
// stays in any case. It collects garbage, so it is for a heap that has grown beyond the limit.
func (s *realms) trim(m *monitor) {
	if objects, _ := m.heapSize(); objects <= s.limits.kept() {
		return
	}
	for {
		runtime.GC()
		// Three quarters, lest the next call begins with a collection again.
		if _, live := m.heapSize(); live <= s.limits.kept()/4*3 || len(s.byOwner) < 2 {
			return
		}
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
