package scripts

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
)

const (
	longestMessage = 4 << 10
	longestName    = 100
	deepestStack   = 10 // frames, as many as V8 shows
)

// errTime is what the monitor interrupts a script with.
var errTime = errors.New("time limit")

// failure turns what the engine reports into a ScriptError in the author's own terms.
func (r *realm) failure(phase integrations.ScriptPhase, err error) *integrations.ScriptError {
	e := r.fault(err)
	e.Phase = phase
	return r.said(e)
}

func (r *realm) fault(err error) *integrations.ScriptError {
	if _, ok := errors.AsType[*goja.InterruptedError](err); ok {
		r.broken = true
		return stoppedByTime("", r.limits)
	}
	if _, ok := errors.AsType[*goja.StackOverflowError](err); ok {
		r.broken = true
		return stoppedByRecursion("")
	}
	thrown, ok := errors.AsType[*goja.Exception](err)
	if !ok {
		return &integrations.ScriptError{Message: err.Error()}
	}
	return r.exception(thrown)
}

// describe gives an Error object its name, message and stack.
func (r *realm) describe(object *goja.Object) *integrations.ScriptError {
	err := r.attempt(func() { panic(object) })
	thrown, ok := errors.AsType[*goja.Exception](err)
	if !ok {
		return &integrations.ScriptError{}
	}
	return r.exception(thrown)
}

// exception never calls the thrown value's own toString: anything can be thrown.
func (r *realm) exception(thrown *goja.Exception) *integrations.ScriptError {
	e := &integrations.ScriptError{}
	if object, ok := thrown.Value().(*goja.Object); ok && object.ClassName() == "Error" {
		e.Name, _ = r.ownText(object, "name")
		e.Message, _ = r.ownText(object, "message")
		e.Name, e.Message = shorten(e.Name, longestName), shorten(asV8(e.Message), longestMessage)
	} else {
		e.Message = shorten(r.show(thrown.Value()), longestMessage)
	}
	var stack strings.Builder
	stack.WriteString(heading(e))
	frames := thrown.Stack()
	for i := range min(len(frames), deepestStack) {
		r.place(&stack, &frames[i], e)
	}
	e.Stack = stack.String()
	return e
}

func heading(e *integrations.ScriptError) string {
	switch {
	case e.Name == "":
		return e.Message
	case e.Message == "":
		return e.Name
	}
	return e.Name + ": " + e.Message
}

// place adds a frame to the stack; the first one in the author's text is where the error is.
func (r *realm) place(stack *strings.Builder, frame *goja.StackFrame, e *integrations.ScriptError) {
	name := frame.FuncName()
	if frame.SrcName() != sourceName {
		fmt.Fprintf(stack, "\n    at %s (<native>)", name)
		return
	}
	position := frame.Position()
	line, column := authorPlace(r.source, position.Line, position.Column)
	if e.Line == 0 {
		e.Line, e.Column = line, column
	}
	if name == "<anonymous>" {
		fmt.Fprintf(stack, "\n    at %s:%d:%d", sourceName, line, column)
		return
	}
	fmt.Fprintf(stack, "\n    at %s (%s:%d:%d)", shorten(name, longestName), sourceName, line, column)
}

// ownText reads a property that should be a string, and takes nothing else for one.
func (r *realm) ownText(object *goja.Object, name string) (text string, ok bool) {
	err := r.attempt(func() {
		if value := object.Get(name); value != nil && goja.IsString(value) {
			text, ok = value.String(), true
		}
	})
	return text, ok && err == nil
}

func shorten(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	for longest > 0 && !utf8.RuneStart(text[longest]) {
		longest--
	}
	return text[:longest] + "…"
}
