// Command testworker is a script worker and nothing else. The package's tests and benchmarks start it,
// as grapnel starts itself with its hidden sub-command.
//
// On Linux `testworker probe ACT` does something forbidden when its first call comes, as code would
// that found a way out of JavaScript. And `without CALL…`, by itself or behind that, makes it a
// worker on a kernel that knows no such system calls.
package main

import (
	"os"

	"github.com/grapnel-chat/grapnel/scripts"
)

func main() {
	os.Exit(scripts.WorkerMain(prepare(os.Args[1:]), os.Stdout))
}
