// Command worker is a script worker and nothing else. The package's tests and benchmarks start it,
// as grapnel starts itself with its hidden sub-command.
package main

import (
	"os"

	"github.com/grapnel-chat/grapnel/scripts"
)

func main() { os.Exit(scripts.WorkerMain(os.Stdin, os.Stdout)) }
