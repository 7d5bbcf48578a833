package integrations

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// LogLevel says how much of requests and attempts is logged.
type LogLevel string

// The levels of the log. An integration may ask for less than the server logs, not for more.
const (
	LogFull     LogLevel = "full"
	LogMetadata LogLevel = "metadata" // no headers, bodies, results or console lines
	LogOff      LogLevel = "off"
)

// LogLevels are all of them.
var LogLevels = []LogLevel{LogFull, LogMetadata, LogOff}

// What is kept of an integration's log unless it says otherwise.
const (
	LogAge     = 30 * 24 * time.Hour
	LogEntries = 10_000
	LogBytes   = 256 << 20
)

const (
	// mostQueued bounds the bytes that wait to be written. What comes while so many wait is dropped.
	mostQueued = 16 << 20
	// hurryAt is how many bytes are written at once without waiting for more. What a transaction costs
	// beside them counts the less, the more they are.
	hurryAt = 2 << 20
	// gatherFor is how long an exchange waits for others to be written with.
	gatherFor = 250 * time.Millisecond
	// trimEvery is how often what has become too old is forgotten.
	trimEvery = 15 * time.Minute
	// weightOf is what an exchange counts beside its bodies.
	weightOf = 1 << 10
)

// JournalConfig is what a Journal stands on.
type JournalConfig struct {
	Store  ExchangeStore
	Index  *Index
	Sealer *Sealer
	Logger *slog.Logger
	Level  LogLevel // empty: full
	Body   int      // bytes kept of a body
}

// Journal writes the log. Nobody waits for it: who hands it an exchange goes on at once, and what it
// cannot keep up with, or cannot store, is dropped and counted. All its methods may be called on nil,
// which logs nothing.
type Journal struct {
	JournalConfig

	mu      sync.Mutex
	waiting []entry
	bytes   int
	ids     exchangeIDs
	asked   []chan struct{} // of who waits for what was queued before
	closed  bool
	wake    chan struct{}
	hurry   chan struct{}

	stats struct{ kept, overflowed, failed atomic.Int64 }

	// Of the writing goroutine alone.
	secretNames map[string]bool // what isSecretName said
	spare       []entry
	scratch     scratch
	told        struct {
		failing, behind bool
		overflowed      int64
	}
}

// scratch is space that is used for one entry after the other, or for all that are stored at once.
type scratch struct {
	hidden    secrets
	sealed    sealing
	lines     []HeaderLine
	exchanges []Exchange
}

// forget drops what was in it, so that nothing holds the bodies any longer.
func (s *scratch) forget() {
	clear(s.hidden[:cap(s.hidden)])
	clear(s.lines)
	clear(s.exchanges)
	s.lines, s.exchanges = s.lines[:0], s.exchanges[:0]
}

// JournalStats count exchanges since the start.
type JournalStats struct {
	Kept       int64
	Overflowed int64 // dropped, as they came faster than they could be written
	Failed     int64 // dropped, as the store refused them
}

// NewJournal makes a journal that keeps what it is given once it runs.
func NewJournal(cfg JournalConfig) *Journal {
	return &Journal{
		JournalConfig: cfg, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), secretNames: map[string]bool{},
	}
}

// Stats answers what was counted so far.
func (j *Journal) Stats() JournalStats {
	if j == nil {
		return JournalStats{}
	}
	return JournalStats{Kept: j.stats.kept.Load(), Overflowed: j.stats.overflowed.Load(), Failed: j.stats.failed.Load()}
}

// level is how much is logged of an integration.
func (j *Journal) level(o Options) LogLevel {
	switch {
	case j == nil || j.Level == LogOff:
		return LogOff
	case j.Level == LogMetadata || o.Log.MetadataOnly:
		return LogMetadata
	default:
		return LogFull
	}
}

// queue takes an exchange over, gives it its id, and does not wait.
func (j *Journal) queue(e entry) (id string) {
	weight := e.weight()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed || j.bytes+weight > mostQueued {
		j.stats.overflowed.Add(1)
		return ""
	}
	e.ID = j.ids.next(e.At.Add(e.Took))
	j.waiting = append(j.waiting, e)
	if j.bytes == 0 {
		rouse(j.wake)
	}
	if j.bytes += weight; j.bytes >= hurryAt {
		rouse(j.hurry)
	}
	return e.ID
}

// rouse lets who waits for the signal look again.
func rouse(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// Flush waits until all that was handed over before is written or dropped.
func (j *Journal) Flush(ctx context.Context) {
	if j == nil {
		return
	}
	done := make(chan struct{})
	j.mu.Lock()
	closed := j.closed
	if !closed {
		j.asked = append(j.asked, done)
	}
	j.mu.Unlock()
	if closed {
		return
	}
	rouse(j.wake)
	rouse(j.hurry)
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Run writes what it is handed until the context ends, and what was handed over until then.
func (j *Journal) Run(ctx context.Context) {
	if j == nil {
		return
	}
	storing := context.WithoutCancel(ctx)
	j.trim(storing)
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		select {
		case <-j.wake:
			j.gather(ctx)
			j.write(storing)
		case <-tick.C:
			j.trim(storing)
		case <-ctx.Done():
			j.end()
			j.write(storing)
			return
		}
	}
}

// end takes nothing more.
func (j *Journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
}

// gather waits for more to write at once.
func (j *Journal) gather(ctx context.Context) {
	late := time.NewTimer(gatherFor)
	defer late.Stop()
	select {
	case <-j.hurry:
	case <-late.C:
	case <-ctx.Done():
	}
}

// write stores what waits, and answers who waits for it.
func (j *Journal) write(ctx context.Context) {
	j.mu.Lock()
	entries, asked := j.waiting, j.asked
	j.waiting, j.asked, j.bytes = j.spare, nil, 0
	j.mu.Unlock()
	if len(entries) > 0 {
		err := j.Store.AddExchanges(ctx, j.batches(entries))
		if err != nil {
			j.stats.failed.Add(int64(len(entries)))
		} else {
			j.stats.kept.Add(int64(len(entries)))
		}
		j.tell(ctx, err)
	}
	for _, done := range asked {
		close(done)
	}
	clear(entries)
	j.spare = entries[:0]
	j.scratch.forget()
}

// tell logs once that entries are dropped, until none is any more.
func (j *Journal) tell(ctx context.Context, err error) {
	if err != nil && !j.told.failing {
		j.Logger.ErrorContext(ctx, "requests and attempts are not logged for now, as they cannot be stored", "error", err)
	}
	if err == nil && j.told.failing {
		j.Logger.InfoContext(ctx, "requests and attempts are logged again")
	}
	j.told.failing = err != nil
	overflowed := j.stats.overflowed.Load()
	if overflowed > j.told.overflowed && !j.told.behind {
		j.Logger.WarnContext(ctx, "some requests and attempts are not logged, as they come faster than they can be written",
			"dropped", overflowed)
	}
	j.told.behind = overflowed > j.told.overflowed
	j.told.overflowed = overflowed
}

// batches puts together what belongs to one integration, in the order in which it came.
func (j *Journal) batches(entries []entry) []ExchangeBatch {
	now := time.Now()
	var list []ExchangeBatch
	counts := make(map[string]int, 8)
	for n := range entries {
		id := entries[n].IntegrationID
		if counts[id]++; counts[id] == 1 {
			list = append(list, ExchangeBatch{IntegrationID: id, Kept: j.kept(id, now)})
		}
	}
	all := slices.Grow(j.scratch.exchanges[:0], len(entries))[:len(entries)]
	j.scratch.exchanges = all
	places := make(map[string]*ExchangeBatch, len(list))
	for n := range list {
		b := &list[n]
		count := counts[b.IntegrationID]
		b.Exchanges, all = all[:0:count], all[count:]
		places[b.IntegrationID] = b
	}
	for n := range entries {
		b := places[entries[n].IntegrationID]
		b.Exchanges = append(b.Exchanges, j.finish(&entries[n]))
	}
	return list
}

// kept says what stays of an integration's log.
func (j *Journal) kept(integrationID string, now time.Time) ExchangesKept {
	rules := j.Index.Options(integrationID).Log
	return ExchangesKept{
		Since:   now.Add(-cmp.Or(rules.Age, LogAge)),
		Entries: cmp.Or(rules.Entries, LogEntries),
		Bytes:   cmp.Or(rules.Bytes, LogBytes),
	}
}

// trim forgets what has become too old, and what belongs to integrations that are gone.
func (j *Journal) trim(ctx context.Context) {
	ids, err := j.Store.Exchanged(ctx)
	for _, id := range ids {
		if j.Index.has(id) {
			err = errors.Join(err, j.Store.TrimExchanges(ctx, id, j.kept(id, time.Now())))
		} else {
			err = errors.Join(err, j.Store.RemoveExchanges(ctx, id))
		}
	}
	if err != nil {
		j.Logger.ErrorContext(ctx, "old log entries were not forgotten", "error", err)
	}
}

// exchangeIDs makes ids in the order of time: 17 characters, of which eight are the millisecond,
// four count on within it and five are chance.
type exchangeIDs struct {
	at    int64
	count int
}

func (x *exchangeIDs) next(at time.Time) string {
	if ms := at.UnixMilli(); ms > x.at {
		x.at, x.count = ms, 0
	} else {
		x.count++
	}
	var text [17]byte
	digits(text[:8], x.at)
	digits(text[8:12], int64(x.count))
	digits(text[12:], rand.Int64()) //nolint:gosec // nothing rests on its being a secret
	return string(text[:])
}

// digits writes a number's last digits in the alphabet of ids, which stands in its bytes' order.
func digits(out []byte, n int64) {
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = workspace.Alphabet[n%int64(len(workspace.Alphabet))]
		n /= int64(len(workspace.Alphabet))
	}
}

// read answers what is kept, with all that was handed over before.
func (j *Journal) read(ctx context.Context, f ExchangeFilter, limit int) ([]Exchange, error) {
	if j == nil {
		return nil, nil
	}
	j.flushed(ctx)
	return j.Store.Exchanges(ctx, f, limit)
}

func (j *Journal) one(ctx context.Context, id string) (Exchange, error) {
	if j == nil {
		return Exchange{}, workspace.ErrNotFound
	}
	j.flushed(ctx)
	return j.Store.Exchange(ctx, id)
}

// flushed waits for a while for what was handed over to be kept.
func (j *Journal) flushed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushFor)
	defer cancel()
	j.Flush(ctx)
}
