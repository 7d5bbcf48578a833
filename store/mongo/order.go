package mongo

import (
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// order numbers what is added. Numbers follow the times of the records, so that those of several
// servers fit together, and never fall within one server.
type order struct {
	mu   sync.Mutex
	last int64
}

// next is the number of a record of that time.
func (o *order) next(at time.Time) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	if !at.IsZero() {
		o.last = max(o.last, at.UnixMicro())
	}
	return o.last
}

// seqPath is the member that holds such a number.
const seqPath = "grapnel.seq"

// bySeq is the index over it, by which all records of a collection are read.
var bySeq = bson.D{{Key: seqPath, Value: 1}}

// seq is that member of a new record of that time.
func (s *Store) seq(at time.Time) bson.E { return is(seqPath, s.order.next(at)) }
