//go:build !linux

package worker

import "time"

// thread is a thread of this process. Only Linux lets priority and time of one be told.
type thread int

func thisThread() thread { return 0 }

func lowerThisThread() {}

func (thread) busy() (time.Duration, bool) { return 0, false }
