package scripts

import (
	"container/list"
	"runtime"
)

// realms keeps the scripts that a worker has loaded, with the state they hold between calls. The
// ones that were not called for longest go first when memory gets short.
type realms struct {
	limits  Limits
	byOwner map[string]*list.Element // of *realm
	recent  *list.List               // last called in front
}

func newRealms(l Limits) *realms {
	return &realms{limits: l, byOwner: make(map[string]*list.Element), recent: list.New()}
}

// find returns the realm that holds this version of the owner's script, or nil.
func (s *realms) find(owner, version []byte) *realm {
	e := s.byOwner[string(owner)]
	if e == nil {
		return nil
	}
	r := e.Value.(*realm) //nolint:forcetypeassert,errcheck // nothing else is put in
	if r.version != string(version) {
		s.drop(r)
		return nil
	}
	s.recent.MoveToFront(e)
	return r
}

func (s *realms) add(r *realm) {
	s.byOwner[r.owner] = s.recent.PushFront(r)
}

func (s *realms) drop(r *realm) {
	if e := s.byOwner[r.owner]; e != nil && e.Value == r {
		s.recent.Remove(e)
		delete(s.byOwner, r.owner)
	}
}

// trim drops realms until the others keep no more than they may. The one that was called last
// stays in any case. It collects garbage, so it is for a heap that has grown beyond the limit.
func (s *realms) trim(m *monitor) {
	if objects, _ := m.measure(); objects <= s.limits.kept() {
		return
	}
	for {
		runtime.GC()
		// Three quarters, lest the next call begins with a collection again.
		if _, live := m.measure(); live <= s.limits.kept()/4*3 || s.recent.Len() < 2 {
			return
		}
		s.drop(s.recent.Back().Value.(*realm)) //nolint:forcetypeassert,errcheck // as above
	}
}
