//go:build linux && cgo

package confine

// spareAddresses is what a worker may take of its address space beyond its budget of memory. With cgo
// each thread has a stack of 8 MB, and the C library keeps up to 128 MB for its allocations.
const spareAddresses = 2 << 30
