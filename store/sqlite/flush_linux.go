package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// flushFile brings a file's content to the disk. When it was changed is not of interest: a log that is
// written from its beginning again then needs no entry in the file system's journal, which would wait
// for what others write.
func flushFile(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
