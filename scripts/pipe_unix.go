//go:build unix

package scripts

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// pipe writes to a worker without ever waiting for it.
type pipe struct {
	conn syscall.RawConn
	try  func(fd uintptr) bool
	rest []byte
	err  error
}

func newPipe(in *os.File) (*pipe, error) {
	conn, err := in.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &pipe{conn: conn}
	p.try = p.tryOnce // made once, not per call
	return p, nil
}

// write returns what the pipe did not take.
func (p *pipe) write(b []byte) (rest []byte, err error) {
	p.rest, p.err = b, nil
	if err := p.conn.Write(p.try); err != nil {
		return b, err
	}
	return p.rest, p.err
}

func (p *pipe) tryOnce(fd uintptr) bool {
	for len(p.rest) > 0 {
		n, err := syscall.Write(int(fd), p.rest)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return true
		case err != nil:
			p.err = err
			return true
		}
		p.rest = p.rest[n:]
	}
	return true
}

// canLook says whether a pipe can be asked if there is anything to read.
const canLook = true

// voice is the pipe of what a worker says.
type voice struct {
	conn     syscall.RawConn
	look     func(fd uintptr)
	readable bool
}

func newVoice(out *os.File) (*voice, error) {
	conn, err := out.SyscallConn()
	if err != nil {
		return nil, err
	}
	v := &voice{conn: conn}
	v.look = v.lookOnce // made once, not per look
	return v, nil
}

// isReadable says whether to read would not wait. What cannot be told is found out by reading.
func (v *voice) isReadable() bool {
	return v.conn.Control(v.look) != nil || v.readable
}

func (v *voice) lookOnce(fd uintptr) {
	pipes := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} //nolint:gosec // descriptors are small
	n, err := unix.Poll(pipes[:], 0)
	v.readable = n > 0 || err != nil && err != unix.EINTR
}
