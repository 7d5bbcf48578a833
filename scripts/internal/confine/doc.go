// Package confine makes a process a script worker's: it takes from it what that has no use for (memory
// beyond its budget, files, connections, processor time, and all system calls but those that Go's runtime
// makes), and tunes how Go uses the rest. What runs in a worker later may be anything. So this happens
// before the first script comes, on all threads and for good; only the share of processor time moves on,
// from call to call.
package confine
