//go:build !linux

package scripts

// limitProcess has nothing to ask for here: the monitor and the parent's clock stand alone.
func limitProcess(Limits) {}
