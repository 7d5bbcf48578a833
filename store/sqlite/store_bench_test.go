package sqlite

import (
	"testing"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// BenchmarkStore stands beside that of store/mongo.
func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) storetest.Store { return open(b, b.TempDir()) })
}
