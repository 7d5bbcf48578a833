//go:build linux && !cgo

package confine

// spareAddresses is what a worker may take of its address space beyond its budget of memory: Go's
// runtime takes it in pieces of 64 MB.
const spareAddresses = 128 << 20
