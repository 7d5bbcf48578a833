package mongo

import (
	"context"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// TestCuts ends the client of a store after each of the commands by which a write writes, and has
// another server settle what it finds.
func TestCuts(t *testing.T) {
	storetest.RunCuts(t, func(t *testing.T) storetest.Cutting {
		address, c := newDatabase(t), &cutter{}
		c.store = openAt(t, address, c.set)
		return storetest.Cutting{
			Store: c.store, CutAfter: c.cutAfter,
			Again: func() (storetest.Store, bool) {
				other := openAt(t, address, plain)
				settleTwice(t, other)
				wantSettled(t, other)
				return other, c.isCut()
			},
		}
	})
}

// wantSettled checks that nothing is left to settle.
func wantSettled(t *testing.T, s *Store) {
	t.Helper()
	if left := all(t, s, unfinishedName); len(left) > 0 {
		t.Errorf("unfinished after settling: %v", left)
	}
	leads, err := s.unfinishedLeads(t.Context())
	if err != nil || len(leads) > 0 {
		t.Errorf("arriving after settling: %v, %v", leads, err)
	}
}

// cutter ends a store's client after so many commands that write: what the store tries from then on
// fails at once, as if its process had ended.
type cutter struct {
	store *Store

	mu    sync.Mutex
	left  int
	armed bool
	cut   bool
}

func (c *cutter) set(o *options.ClientOptions) {
	o.SetMonitor(&event.CommandMonitor{
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			switch e.CommandName {
			case "insert", "update", "delete", "findAndModify":
				c.written() //nolint:contextcheck // the command has been carried out
			}
		},
	})
}

func (c *cutter) cutAfter(writes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed, c.left = true, writes
	c.cutAtEnd()
}

func (c *cutter) written() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.armed {
		c.left--
		c.cutAtEnd()
	}
}

func (c *cutter) cutAtEnd() {
	if c.left > 0 || c.cut {
		return
	}
	c.cut = true
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // it waits for no connection
	_ = c.store.client.Disconnect(ctx)
}

func (c *cutter) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}
