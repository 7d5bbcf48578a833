//go:build !linux

package scripts

import "syscall"

// attributes are nothing special here: a worker ends when its stdin does, and by its own monitor.
func attributes() *syscall.SysProcAttr { return nil }

// keepDescriptors leaves it at what Go does: files that it opens are not inherited.
func keepDescriptors() {}
