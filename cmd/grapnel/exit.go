package main

import "errors"

// What the tools answer to a shell. A command that was not understood is told from one that found
// something, so that a build can tell them apart, too.
const (
	exitProblems = 1
	exitUsage    = 2
)

// exitError ends the command with a code of its own.
type exitError struct {
	code int
	err  error // nil: everything has been said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is a mistake in how a command was asked for.
func usage(err error) error { return &exitError{code: exitUsage, err: err} }

// problems ends a command that has told what it found.
func problems() error { return &exitError{code: exitProblems} }

// codeOf is what the process ends with.
func codeOf(err error) int {
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	return exitProblems
}
