//go:build !linux

package confine

import "github.com/grapnel-chat/grapnel/scripts/internal/wire"

// limitProcess has nothing to ask for here: the monitor and the parent's clock stand alone.
func limitProcess(wire.Limits) (lacks []string) { return []string{"limits", "Landlock", "seccomp"} }

// ProcessorTime has no limit here.
type ProcessorTime struct{}

// Extend does nothing.
func (*ProcessorTime) Extend(wire.Limits) {}
