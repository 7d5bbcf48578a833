package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

type checkScript struct {
	Files  []string `arg:"" optional:"" name:"file" help:"Scripts to check; - reads one from standard input."`
	Strict bool     `name:"strict" help:"Class bodies are strict, as an integration's skipTranspile makes them: what is assigned without a declaration is an error."`
	JSON   bool     `name:"json" help:"Print one JSON document, for machines."`

	livingServer
	OutgoingAllow allowList `name:"outgoing-allow" aliases:"allow" env:"OUTGOING_ALLOW" help:"With --url: hosts, addresses and networks (CIDR) that may be called although they are private, as the server will have them."`

	scriptSettings
}

// Help explains what the flags alone do not.
func (*checkScript) Help() string {
	return `The scripts are parsed and loaded in a confined process, as the server does, and not called. Each finding is printed as file:line:column, with the line.

Errors keep a script from running, warnings are likely mistakes, notes are neither. The exit code is 0 without errors and warnings, 1 with some, 2 where the command itself was wrong.

With --url all integrations of a running Rocket.Chat (or Grapnel) are read through its REST API, by GET alone, and checked the same way; those that call private addresses are named with what OUTGOING_ALLOW has to permit. The user needs manage-incoming-integrations and manage-outgoing-integrations to see them all.`
}

// Validate asks for something to check.
func (c *checkScript) Validate() error {
	switch {
	case c.URL == "" && len(c.Files) == 0:
		return errors.New("name scripts to check, or - for standard input, or --url")
	case c.URL != "" && len(c.Files) > 0:
		return errors.New("--url: check files or a server, not both at once")
	}
	return errors.Join(c.scriptSettings.Validate(), c.livingServer.Validate())
}

// Run checks and says what it found.
func (c *checkScript) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	pool, err := startPool(ctx, c.tool())
	if err != nil {
		return err
	}
	if c.URL != "" {
		err = c.checkServer(ctx, pool)
	} else {
		err = c.checkFiles(ctx, pool)
	}
	if closing := pool.Close(); err == nil {
		err = closing
	}
	return err
}

func (c *checkScript) checkFiles(ctx context.Context, pool *scripts.Pool) error {
	var all []checked
	for _, name := range c.Files {
		source, err := readSource(name)
		if err != nil {
			return usage(err)
		}
		report, err := pool.Inspect(ctx, integrations.ScriptSource{Text: source, Strict: c.Strict})
		if err != nil {
			return fmt.Errorf("check %s: %w", name, err)
		}
		all = append(all, checked{name: displayName(name), Report: report})
	}
	if c.JSON {
		return verdict(all, printChecked(os.Stdout, all))
	}
	for _, one := range all {
		one.print(os.Stdout)
	}
	if len(all) > 1 {
		say("%s.", summary(all))
	}
	return verdict(all, nil)
}

// verdict ends the command with the code that the reports ask for.
func verdict(all []checked, err error) error {
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.hasProblems() {
			return problems()
		}
	}
	return nil
}

// readSource reads a file, or standard input for a dash.
func readSource(name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return "", fmt.Errorf("read standard input: %w", err)
		}
		return string(text), nil
	}
	text, err := os.ReadFile(name) //nolint:gosec // the caller names the files that they may read
	return string(text), err
}

func displayName(name string) string {
	if name == "-" {
		return "<stdin>"
	}
	return name
}
