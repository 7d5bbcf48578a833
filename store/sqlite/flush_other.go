//go:build !linux

package sqlite

import "os"

// flushFile brings a file to the disk.
func flushFile(f *os.File) error { return f.Sync() }
