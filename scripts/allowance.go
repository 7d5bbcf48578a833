package scripts

import "sync"

// mostHeld is how many bytes the calls out of all scripts may hold in the server together: questions
// until they are asked, answers until a worker has them.
const mostHeld = 64 << 20

// leastGrant is what an answer may take however much is held, so that a script which asks for little is
// served beside those that ask for much. There are few calls at once, so that their least is little too.
const leastGrant = 256 << 10

// allowance is how many bytes calls out may hold. It never lets anybody wait: who holds much for long
// would hold up all others.
type allowance struct {
	mu   sync.Mutex
	held int64
}

// take reserves so many bytes, if they are free.
func (a *allowance) take(n int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held+n > mostHeld {
		return false
	}
	a.held += n
	return true
}

// grant reserves what an answer may take, most if there is plenty: never more than a quarter of what is
// free, and never less than leastGrant.
func (a *allowance) grant(most int64) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := min(most, max(leastGrant, (mostHeld-a.held)/4))
	a.held += n
	return n
}

func (a *allowance) give(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held -= n
}
