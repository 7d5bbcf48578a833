package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// Every good call waits for a flush, so its time is the disk's as well, which others may keep busy. A
// page is written and flushed beside the server, so often that it hardly disturbs.
const (
	pageSize   = 4 << 10
	flushEvery = 50 * time.Millisecond
)

// flushing measures flushes on the disk of the folder for as long as f runs.
func flushing(ctx context.Context, dir string, f func()) (beside.Sample, error) {
	file, err := os.Create(filepath.Join(dir, "page")) //nolint:gosec // the folder is ours
	if err != nil {
		return beside.Sample{}, err
	}
	flushed, stop := context.WithCancel(ctx)
	var times []time.Duration
	var failed error
	var flushes sync.WaitGroup
	flushes.Go(func() {
		page := make([]byte, pageSize)
		for flushed.Err() == nil && failed == nil {
			began := time.Now()
			if _, failed = file.Write(page); failed == nil {
				failed = file.Sync()
			}
			times = append(times, time.Since(began))
			beside.Pause(flushed, flushEvery)
		}
	})
	f()
	stop()
	flushes.Wait()
	slices.Sort(times)
	if err := file.Close(); failed == nil {
		failed = err
	}
	return beside.Sample{Requests: len(times), Times: times}, failed
}
