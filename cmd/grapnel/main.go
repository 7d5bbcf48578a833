// Command grapnel is the server and the tools around it. It alone reads flags and environment,
// wires the parts, starts and stops them.
package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/grapnel-chat/grapnel/scripts"
)

// version is set when a release is built.
var version = "dev"

// commands are what can be run.
type commands struct {
	Serve       serveCommand   `cmd:"" help:"Run the server. Needs no settings: it makes its data folder and an administrator on the first start."`
	User        userCommands   `cmd:"" help:"Manage the accounts in a data folder."`
	Backup      backupCommand  `cmd:"" help:"Write everything that a data folder holds to one file, while its server runs or without one. Ends with 0 once the file is whole and on disk, else with 1."`
	Restore     restoreCommand `cmd:"" help:"Bring a backup into an empty data folder. Ends with 1, and changes nothing, if the file is damaged or of a newer version."`
	Inspect     inspectCommand `cmd:"" help:"Show what a MongoDB database holds, such as a Rocket.Chat's, and what serving it would write. Writes nothing. Ends with 1 where something is in the way."`
	CheckScript checkScript    `cmd:"" help:"Say what is wrong with scripts, in files or in a running Rocket.Chat, without changing anything. Needs no server of its own."`
	RunScript   runScript      `cmd:"" help:"Run a script's method once and show what it returns, prints and would post. Needs no server."`
	Version     versionCommand `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	_, err := fmt.Fprintln(os.Stdout, "grapnel", builtVersion())
	return err
}

// builtVersion is the version of a release, or what was checked out for a build of one's own.
func builtVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" {
		return info.Main.Version
	}
	return version
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 1 && args[0] == "script-worker" { // started for every worker, so it parses nothing
		return scripts.WorkerMain(os.Stdin, os.Stdout)
	}
	var c commands
	parser := kong.Must(&c, kong.Name("grapnel"), kong.UsageOnError(),
		kong.Description("An integration server for chat: Rocket.Chat's integrations API, its webhooks and its scripts, in one binary."))
	if err := dropEmpty(parser.Model); err != nil {
		return complain(err)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return complain(usage(withVariable(parser.Model, err)))
	}
	if err := ctx.Run(); err != nil {
		return complain(err)
	}
	return 0
}

func complain(err error) int {
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintln(os.Stderr, "grapnel:", text)
	}
	return codeOf(err)
}

// dropEmpty takes a variable that is set to nothing for one that is not set.
func dropEmpty(model *kong.Application) error {
	for _, f := range flags(model) {
		for _, name := range f.Envs {
			if value, set := os.LookupEnv(name); set && value == "" {
				if err := os.Unsetenv(name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// flags are those of all commands.
func flags(model *kong.Application) []*kong.Flag {
	var all []*kong.Flag
	for _, command := range model.Leaves(false) {
		for _, group := range command.AllFlags(false) {
			all = append(all, group...)
		}
	}
	return all
}

var flagName = regexp.MustCompile(`--([a-z-]+)`)

// withVariable adds the environment variable to an error about a flag, as it may have come from there.
func withVariable(model *kong.Application, err error) error {
	named := flagName.FindStringSubmatch(err.Error())
	if named == nil {
		return err
	}
	for _, f := range flags(model) {
		if f.Name == named[1] && len(f.Envs) > 0 {
			return fmt.Errorf("setting %s: %w", f.Envs[0], err)
		}
	}
	return err
}
