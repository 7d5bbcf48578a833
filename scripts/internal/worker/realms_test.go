package worker

import (
	"strconv"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

func TestRealmsTrim(t *testing.T) {
	const megabyte = 1 << 20
	limits := wire.Limits{Memory: 64 * megabyte} // of which 32 may be kept
	tests := []struct {
		name        string
		realms      int
		first, size uint64 // of the one called first, of each other one
		kept        int
		collections int
	}{
		{"nothing to do", 100, 200 << 10, 200 << 10, 100, 1},
		{"many small ones", 500, 100 << 10, 100 << 10, 245, 2},
		{"a large one that goes first", 500, 100 * megabyte, 20 << 10, 0, 2},
		{"one that is too large by itself", 1, 100 * megabyte, 0, 1, 0},
		{"large ones", 4, 20 * megabyte, 20 * megabyte, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newRealms(limits)
			sizes := map[*realm]uint64{}
			for i := range tt.realms {
				r := &realm{owner: strconv.Itoa(i)}
				s.add(r)
				if sizes[r] = tt.size; i == 0 {
					sizes[r] = tt.first
				}
			}
			collections := 0
			s.trim(func() (live uint64) {
				collections++
				for _, r := range s.byOwner {
					live += sizes[r]
				}
				return live
			})
			if collections > tt.collections {
				t.Errorf("%d collections, want %d", collections, tt.collections)
			}
			if tt.kept > 0 && len(s.byOwner) != tt.kept {
				t.Errorf("%d kept, want %d", len(s.byOwner), tt.kept)
			}
			if s.byOwner[strconv.Itoa(tt.realms-1)] == nil {
				t.Error("the one that was called last was dropped")
			}
		})
	}
}

// Small ones before a large one: what each drops together doubles until there is room.
func TestRealmsTrimSmallOnes(t *testing.T) {
	const megabyte = 1 << 20
	s := newRealms(wire.Limits{Memory: 64 * megabyte})
	const small = 500
	for i := range small + 1 {
		s.add(&realm{owner: strconv.Itoa(i)})
	}
	collections := 0
	s.trim(func() uint64 {
		collections++
		return 23*megabyte + uint64(len(s.byOwner)-1)*(40<<10) // the last one holds 23 MB
	})
	if collections > 10 {
		t.Errorf("%d collections for %d scripts", collections, small)
	}
}
