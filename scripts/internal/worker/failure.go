package worker

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/v8words"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const deepestStack = 10 // frames, as many as V8 shows

// What the monitor interrupts a script with that ran, or waited, for too long.
var (
	errTime     = errors.New("time limit")
	errWallTime = errors.New("wall time limit")
)

// failure turns what the engine reports into a ScriptError in the author's own terms.
func (r *realm) failure(phase integrations.ScriptPhase, err error) *integrations.ScriptError {
	e := r.fault(err)
	if r.overdue {
		r.broken = true
		e = r.stopped(phase)
	}
	e.Phase = phase
	if r.places != nil { // nothing of the author's has run
		e.Stack += language.Excerpt(r.places.Source, e.Line, e.Column)
	}
	return r.said(e)
}

// fault asks the error nothing: to unwrap an exception runs the script's code where that has thrown
// a proxy, and so may its text.
func (r *realm) fault(err error) *integrations.ScriptError {
	switch e := err.(type) { //nolint:errorlint // see above
	case *goja.InterruptedError:
		r.broken = true
		if fault, ok := e.Value().(*integrations.ScriptError); ok {
			return &integrations.ScriptError{Message: fault.Message}
		}
		return r.stopped("")
	case *goja.StackOverflowError:
		r.broken = true
		return wire.StoppedByRecursion("")
	case *goja.Exception:
		return r.exception(e)
	}
	if err == errTime || err == errWallTime { //nolint:errorlint // never wrapped
		r.broken = true // the script was waiting, and nothing of it was there to interrupt
		return r.stopped("")
	}
	return &integrations.ScriptError{Message: err.Error()}
}

// stopped words what a script was interrupted for.
func (r *realm) stopped(phase integrations.ScriptPhase) *integrations.ScriptError {
	if r.monitor != nil && r.monitor.haltedBy() == errWallTime { //nolint:errorlint // never wrapped
		return wire.StoppedByWallTime(phase, r.limits)
	}
	if r.monitor != nil {
		if worked, ok := r.monitor.worked(); ok {
			return wire.StoppedByTimeAfter(worked, phase, r.limits)
		}
	}
	return wire.StoppedByTime(phase, r.limits)
}

// describe gives an Error object its name, message and stack.
func (r *realm) describe(object *goja.Object) *integrations.ScriptError {
	return r.fault(r.attempt(func() { panic(object) }))
}

// exception never calls the thrown value's own toString: anything can be thrown.
func (r *realm) exception(thrown *goja.Exception) *integrations.ScriptError {
	e := &integrations.ScriptError{}
	var read *v8words.Reading
	inside := 0 // frames of the error's own constructors
	frames := thrown.Stack()
	if object, ok := thrown.Value().(*goja.Object); ok && r.class(object) == "Error" {
		e.Name = language.Shorten(r.ownText(object, "name"), language.LongestName)
		e.Message = r.ownText(object, "message")
		read = r.reword(e, frames)
		e.Message = language.Shorten(e.Message+r.because(object), language.LongestMessage)
		inside = r.superCalls(object, frames)
	} else {
		e.Message = language.Shorten(r.show(thrown.Value()), language.LongestMessage)
	}
	var stack strings.Builder
	stack.WriteString(language.Heading(e))
	for i := range min(len(frames), deepestStack) {
		r.place(&stack, frames[i].FuncName(), v8words.PlaceOf(&frames[i], read), e, i >= inside)
	}
	e.Stack = stack.String()
	return e
}

// reword gives an error V8's words, and says what to do about a property that could not be read.
func (r *realm) reword(e *integrations.ScriptError, frames []goja.StackFrame) *v8words.Reading {
	_, _, reads := language.Reading(e.Message)
	if len(e.Message) > language.LongestMessage || !reads && !v8words.MayDiffer(e.Message) {
		return nil
	}
	s := r.sceneOf(frames)
	e.Message = v8words.Of(e.Message, s)
	value, property, reads := language.Reading(e.Message)
	if s == nil || !reads || e.Name != "TypeError" {
		return nil
	}
	read := s.ReadingOf(property)
	if read != nil {
		e.Remedy = language.Unreadable(read.Path(r.places.Source), value, read.Access())
	}
	return read
}

// sceneOf finds the author's code that threw, or that called the built-in function which did.
func (r *realm) sceneOf(frames []goja.StackFrame) *v8words.Scene {
	native := ""
	for i := range frames {
		if frames[i].SrcName() == language.SourceName {
			position := frames[i].Position()
			return v8words.SceneOf(r.compiled, position.Line, position.Column, native)
		}
		if native == "" {
			native = frames[i].FuncName()
		}
	}
	return nil
}

// nativeErrors are the language's own classes of errors.
const nativeErrors = " Error TypeError RangeError ReferenceError SyntaxError EvalError URIError AggregateError DOMException "

// superCalls counts the frames at the top in which the constructor of an author's own error calls
// super: the error is where it was made, which is below them.
func (r *realm) superCalls(object *goja.Object, frames []goja.StackFrame) int {
	own := false
	_ = r.attempt(func() { // a prototype may be a proxy
		if class := object.Prototype(); class != nil {
			constructor, ok := class.Get("constructor").(*goja.Object)
			own = ok && !strings.Contains(nativeErrors, " "+r.ownText(constructor, "name")+" ")
		}
	})
	if !own || r.places == nil {
		return 0
	}
	for i := range frames {
		if frames[i].SrcName() != language.SourceName || !r.callsSuper(&frames[i]) {
			return i
		}
	}
	return 0
}

// callsSuper says whether a frame is at a call of super.
func (r *realm) callsSuper(frame *goja.StackFrame) bool {
	position := frame.Position()
	return r.places.IsAt(position.Line, position.Column, "super")
}

// place adds a frame to the stack; the first one in the author's text that counts is where the error
// is.
func (r *realm) place(stack *strings.Builder, function string, at file.Position, e *integrations.ScriptError, counts bool) {
	name := language.Shorten(function, language.LongestName)
	if at.Filename != language.SourceName {
		fmt.Fprintf(stack, "\n    at %s (%s)", name, cmp.Or(at.Filename, "<eval>"))
		return
	}
	line, column := r.places.Author(at.Line, at.Column)
	if e.Line == 0 && counts {
		e.Line, e.Column = line, column
	}
	if name == "<anonymous>" {
		fmt.Fprintf(stack, "\n    at %s:%d:%d", language.SourceName, line, column)
		return
	}
	fmt.Fprintf(stack, "\n    at %s (%s:%d:%d)", name, language.SourceName, line, column)
}

// ownText reads a property that should be a string, and takes nothing else for one.
func (r *realm) ownText(object *goja.Object, name string) (text string) {
	_ = r.attempt(func() { // a getter that throws has no text either
		if value := object.Get(name); value != nil && goja.IsString(value) {
			text = value.String()
		}
	})
	return text
}

// class is what kind of object it is, nothing for one that will not say: a revoked proxy.
func (r *realm) class(object *goja.Object) (name string) {
	_ = r.attempt(func() { name = object.ClassName() })
	return name
}
