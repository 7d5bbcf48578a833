package api

import (
	"net/netip"
	"sync"
	"time"
)

// limiterKeys bounds what a limiter remembers. Beyond it, the oldest count is forgotten first, so
// whoever calls from ever new addresses makes it forget counts and takes no memory.
const limiterKeys = 50_000

// limiter counts calls, each key in windows of its own: the first call opens one.
type limiter struct {
	mu      sync.Mutex
	most    int
	windows map[string]*window
	oldest  *window // the windows in the order in which they were opened
	newest  *window
}

type window struct {
	key    string
	opened time.Time
	calls  int
	next   *window
}

// allowance is what a key may do.
type allowance struct {
	calls int // in one window
	per   time.Duration
}

// verdict is what became of a call.
type verdict struct {
	allowed   bool
	remaining int
	reset     time.Time // when the window ends
}

func newLimiter(most int) *limiter { return &limiter{most: most, windows: map[string]*window{}} }

// count counts a call, unless the window is used up.
func (l *limiter) count(key string, a allowance, at time.Time) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.oldest != nil && !at.Before(l.oldest.opened.Add(a.per)) {
		l.drop()
	}
	w := l.windows[key]
	if w == nil {
		w = l.open(key, at)
	}
	v := verdict{allowed: w.calls < a.calls, reset: w.opened.Add(a.per)}
	if v.allowed {
		w.calls++
	}
	v.remaining = max(a.calls-w.calls, 0)
	return v
}

// open opens a window for a key that has none.
func (l *limiter) open(key string, at time.Time) *window {
	for len(l.windows) >= l.most {
		l.drop()
	}
	w := &window{key: key, opened: at}
	l.windows[key] = w
	if l.oldest == nil {
		l.oldest = w
	} else {
		l.newest.next = w
	}
	l.newest = w
	return w
}

// drop forgets the oldest window.
func (l *limiter) drop() {
	delete(l.windows, l.oldest.key)
	l.oldest = l.oldest.next
}

// neighbourhood is the address that calls are counted for. Who has one IPv6 address has 2^64 of them,
// so those count as one.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
}
