package scripts

import (
	"maps"
	"strconv"
	"sync"
	"time"
)

// slowFor is how long an owner stays apart after a call that had to be stopped.
const slowFor = 5 * time.Minute

// slowOwners knows whose scripts broke their limits of late. They run in a slot apart, where they
// hold up nobody but each other.
type slowOwners struct {
	limits Limits

	mu     sync.Mutex
	lapses map[string]lapse
	count  int64
}

// lapse is an owner's time apart.
type lapse struct {
	number  int64  // from 1
	version string // what was stopped last
	at      time.Time
}

// performance is how a script took one call.
type performance struct {
	version   string
	at        time.Time // its end
	took      time.Duration
	succeeded bool
	fatal     bool // for the worker
}

// stopped says whether the limits ended the call. A script cannot be interrupted earlier, and what
// uses too much memory ends with its worker.
func (c performance) stopped(l Limits) bool { return c.fatal || c.took >= l.Timeout }

// pardoned says whether a call ends the lapse: a new version did well.
func (l lapse) pardoned(c performance, limits Limits) bool {
	return c.succeeded && c.version != l.version && c.took <= limits.Timeout/10
}

// isOver says whether the owner did without another stop for long enough.
func (l lapse) isOver(now time.Time) bool { return now.Sub(l.at) >= slowFor }

// lapse returns the number of the owner's present lapse, zero if there is none.
func (s *slowOwners) lapse(owner string, now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lapses[owner]
	if !ok || l.isOver(now) {
		return 0
	}
	return l.number
}

// judge draws the consequence of a call, and says whether a lapse begins with it.
func (s *slowOwners) judge(owner string, c performance) (began bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lapses[owner]
	if !c.stopped(s.limits) {
		if ok && l.pardoned(c, s.limits) {
			delete(s.lapses, owner)
		}
		return false
	}
	maps.DeleteFunc(s.lapses, func(_ string, l lapse) bool { return l.isOver(c.at) })
	if l, ok = s.lapses[owner]; !ok {
		s.count++
		l.number = s.count
	}
	l.version, l.at = c.version, c.at
	if s.lapses == nil {
		s.lapses = make(map[string]lapse)
	}
	s.lapses[owner] = l
	return !ok
}

// versionIn makes every lapse begin without state: the slow worker may still keep an earlier one's.
func versionIn(lapse int64, version string) string {
	if lapse == 0 {
		return version
	}
	return version + "\x00" + strconv.FormatInt(lapse, 10)
}
