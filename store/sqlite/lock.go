package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// folderLock keeps other servers out of a data folder. The kernel drops it when the process ends,
// however that happens, so the file may stay.
type folderLock struct{ file *os.File }

// lockFolder answers a *LockedError where somebody else holds the folder.
func lockFolder(dir string) (*folderLock, error) {
	f, err := openFile(dir, lockName)
	if err != nil {
		return nil, err
	}
	l := &folderLock{file: f}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = &LockedError{Dir: dir, PID: l.holder()}
	}
	if err == nil {
		err = l.sign()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return l, nil
}

// holder is the process that wrote its id into the file, zero where there is none.
func (l *folderLock) holder() int {
	text, err := io.ReadAll(io.LimitReader(l.file, 20))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

func (l *folderLock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

func (l *folderLock) release() error { return l.file.Close() }
