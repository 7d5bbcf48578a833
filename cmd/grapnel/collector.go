package main

import (
	"os"
	"runtime/debug"
)

// collectAt is how much the heap may grow between collections, in percent of what lives. The
// server's lives in a few MB and most of a request is garbage soon: with Go's usual 100 a tenth of
// its time went into collecting, with 200 half of that, for 5 MB more.
const collectAt = 200

// tuneCollector leaves a GOGC that somebody has set as it is.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}
