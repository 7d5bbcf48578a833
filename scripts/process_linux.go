package scripts

import "syscall"

// attributes let a worker die with its parent, and keep a terminal's Ctrl-C from it: the parent
// ends its workers itself, after the calls that are under way. The kernel ties the first to the
// thread that started the worker, see Pool.keepSpare.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
