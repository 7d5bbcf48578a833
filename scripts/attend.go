package scripts

import (
	"runtime"
	"time"
)

const (
	// A caller waits awake for so long at most. Most scripts take less.
	awakeLimit = 300 * time.Microsecond
	// Who makes one call after the other makes the next one so soon.
	atOnce = 50 * time.Microsecond
)

// attend lets the caller of an errand listen to its worker awake, as long as the answer may come at any
// moment. To wake who sleeps takes tens of microseconds, half as long as many scripts run. So it is
// for those who make one call after the other, where a processor has nothing else to do: who calls now
// and then would pay more, and hardly notice.
func (p *Pool) attend(s *seat, e *errand) {
	if !s.ear.TryLock() {
		s.rouse() // who listened to the last answer has not let go yet, and can listen on
		return
	}
	defer s.ear.Unlock()
	more := true
	for until := time.Now().Add(awakeLimit); !e.isDone() && s.process.speaksBefore(until); {
		if more, s.fault = p.hearNext(s); s.fault != nil {
			break
		}
	}
	if more || s.fault != nil {
		s.rouse()
	}
}

// speaksBefore says whether the worker has something to say by then. It does not sleep, but lets others
// run.
func (p *process) speaksBefore(until time.Time) bool {
	for time.Now().Before(until) {
		if p.read.IsNextHere() || p.voice.isReadable() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

// isCalm says whether nothing runs or waits, and a processor is left for who waits awake.
func (p *Pool) isCalm() bool {
	return canLook && p.processors > 1 && p.running+p.low+p.compiling.open == 0 && len(p.queue.turns) == 0
}
