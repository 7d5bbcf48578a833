// Package confine takes from a process what a script worker has no use for: memory beyond its budget, files,
// processor time, and all system calls but those that Go's runtime makes. What is in the worker by then
// may be anything; so it happens before the first script comes, on all threads, and for good.
package confine
