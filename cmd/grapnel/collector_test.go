package main

import (
	"runtime/debug"
	"testing"
)

// The more lives, the less garbage may lie beside it.
func TestThePaceOfTheCollector(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	p := &pace{}
	for _, tt := range []struct {
		live uint64
		want int
	}{{1 << 20, 200}, {10 << 20, 200}, {12 << 20, 150}, {16 << 20, 100}, {17 << 20, 100}, {1 << 30, 100}, {8 << 20, 200}} {
		p.follow(tt.live)
		if got := debug.SetGCPercent(tt.want); got != tt.want {
			t.Errorf("with %d bytes alive the heap may grow by %d %%, want %d", tt.live, got, tt.want)
		}
	}
}
