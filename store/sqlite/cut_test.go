package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	driver "modernc.org/sqlite"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// TestCuts copies the folder when a write has changed so many rows, or is about to commit: that is
// what the end of the process leaves at that moment. The write itself is not committed.
func TestCuts(t *testing.T) {
	storetest.RunCuts(t, func(t *testing.T) storetest.Cutting {
		dir := t.TempDir()
		c := &cutter{t: t, from: dir, to: filepath.Join(t.TempDir(), "left")}
		s := open(t, dir)
		return storetest.Cutting{
			Store: s,
			CutAfter: func(steps int) {
				c.left = steps
				c.hook(s)
			},
			Again: func() (storetest.Store, bool) {
				if !c.cut {
					return s, false
				}
				return open(t, c.to), true
			},
		}
	})
}

// cutter copies a folder in the middle of a write.
type cutter struct {
	t        *testing.T
	from, to string
	left     int
	cut      bool
}

func (c *cutter) hook(s *Store) {
	err := s.writer.conn.Raw(func(conn any) error {
		hooks := conn.(driver.HookRegisterer)
		hooks.RegisterPreUpdateHook(func(driver.SQLitePreUpdateData) { c.step() })
		hooks.RegisterCommitHook(func() int32 {
			c.step()
			if c.cut {
				return 1
			}
			return 0
		})
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { // as the end of the store writes, too
		_ = s.writer.conn.Raw(func(conn any) error {
			conn.(driver.HookRegisterer).RegisterPreUpdateHook(nil)
			conn.(driver.HookRegisterer).RegisterCommitHook(nil)
			return nil
		})
	})
}

func (c *cutter) step() {
	if c.left--; c.left >= 0 || c.cut {
		return
	}
	c.cut = true
	if err := os.CopyFS(c.to, os.DirFS(c.from)); err != nil {
		c.t.Error(err)
	}
}
