package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// prepare carries out the command line, and returns where the worker's frames come from.
func prepare(words []string) io.Reader {
	var in io.Reader = os.Stdin
	if len(words) > 1 && words[0] == "probe" {
		act, ok := acts[words[1]]
		if !ok {
			end(fmt.Errorf("no act %q", words[1]))
		}
		in, words = &prober{act: act}, words[2:]
	}
	if len(words) > 1 && words[0] == "without" {
		if err := forbid(words[1:]); err != nil {
			end(err)
		}
	}
	return in
}

func end(why error) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

// forbid makes system calls look as if the kernel did not know them.
func forbid(calls []string) error {
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls:      []seccomp.SyscallGroup{{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: calls}},
		},
	})
}

// prober reads what the parent sends, and acts once the first call has come: by then the worker is
// confined, and the parent waits for an answer.
type prober struct {
	act   func() error
	reads int
}

func (p *prober) Read(b []byte) (int, error) {
	n, err := os.Stdin.Read(b)
	p.reads++
	if first := 2; p.reads == first { // the limits come before it
		if done := p.act(); done == nil {
			end(errors.New("it was done"))
		}
	}
	return n, err
}

// acts are what a worker must not do. Each returns why it could not.
var acts = map[string]func() error{
	"open": func() error {
		_, err := os.ReadFile("/etc/hostname")
		return err
	},
	"create": func() error {
		return os.WriteFile("/grapnel-probe", nil, 0o600)
	},
	"more memory": func() error {
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_DATA, &limit); err != nil {
			return nil
		}
		limit.Cur++
		limit.Max++
		return unix.Setrlimit(unix.RLIMIT_DATA, &limit)
	},
	// As Go's runtime does it: addresses first, then memory in their place.
	"much memory at once": func() error {
		const size = 1 << 30
		at, err := unix.MmapPtr(-1, 0, nil, size, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			return err
		}
		_, err = unix.MmapPtr(-1, 0, at, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_FIXED)
		return err
	},
	"raise priority":            func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, -1) },
	"lower the parent's":        func() error { return unix.Setpriority(unix.PRIO_PROCESS, os.Getppid(), 0) },
	"lower all of the parent's": func() error { return unix.Setpriority(unix.PRIO_PGRP, os.Getppid(), 0) },
	"socket": func() error {
		_, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		return err
	},
	"listen": func() error {
		socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		return unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	},
	"unix socket": func() error {
		_, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		return err
	},
	"exec": func() error { return unix.Exec("/bin/true", nil, nil) },
	"fork": func() error {
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if errno == 0 && pid == 0 {
			os.Exit(0)
		}
		return ofErrno(errno)
	},
	"signal the parent": func() error { return unix.Kill(os.Getppid(), 0) },
	"signal the parent by a pipe": func() error {
		if _, err := unix.FcntlInt(0, unix.F_SETOWN, os.Getppid()); err != nil {
			return err
		}
		_, err := unix.FcntlInt(0, unix.F_SETSIG, int(unix.SIGKILL))
		return err
	},
	"trace": func() error { return unix.PtraceAttach(os.Getppid()) },
	"read the parent": func() error {
		_, err := unix.ProcessVMReadv(os.Getppid(), nil, nil, 0)
		return err
	},
	"remove": func() error { return unix.Unlink("/grapnel-probe") },
	"chroot": func() error { return unix.Chroot("/") },
	"be out of time": func() error {
		if err := unix.Kill(os.Getpid(), unix.SIGXCPU); err != nil {
			return err
		}
		return use() // any thread may take the signal
	},
	"use the processor": func() error {
		go func() { _ = use() }() // on a second thread
		return use()
	},
}

// use never returns.
func use() error {
	for {
		runtime.KeepAlive(0)
	}
}

func ofErrno(errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
