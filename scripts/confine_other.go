//go:build !linux

package scripts

// limitProcess has nothing to ask for here: the monitor and the parent's clock stand alone.
func limitProcess(Limits) (lacks []string) { return []string{"limits", "Landlock", "seccomp"} }

// processorTime has no limit here.
type processorTime struct{}

func (*processorTime) extend(Limits) {}
