package scripts

import (
	"cmp"
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
	if r.overdue {
		r.broken = true
		e = r.stopped(phase)
	}
	e.Phase = phase
	if r.places != nil { // nothing of the author's has run
		e.Stack += excerpt(r.places.source, e.Line, e.Column)
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
		return stoppedByRecursion("")
	case *goja.Exception:
		return r.exception(e)
	}
	return &integrations.ScriptError{Message: err.Error()}
}

// describe gives an Error object its name, message and stack.
func (r *realm) describe(object *goja.Object) *integrations.ScriptError {
	return r.fault(r.attempt(func() { panic(object) }))
}

// exception never calls the thrown value's own toString: anything can be thrown.
func (r *realm) exception(thrown *goja.Exception) *integrations.ScriptError {
	e := &integrations.ScriptError{}
	inside := 0 // frames of the error's own constructors
	frames := thrown.Stack()
	if object, ok := thrown.Value().(*goja.Object); ok && r.class(object) == "Error" {
		e.Name = shorten(r.ownText(object, "name"), longestName)
		e.Message = shorten(asV8(r.ownText(object, "message"))+r.because(object), longestMessage)
		inside = r.superCalls(object, frames)
	} else {
		e.Message = shorten(r.show(thrown.Value()), longestMessage)
	}
	var stack strings.Builder
	stack.WriteString(heading(e))
	for i := range min(len(frames), deepestStack) {
		r.place(&stack, &frames[i], e, i >= inside)
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

const nativeErrors = "Error TypeError RangeError ReferenceError SyntaxError EvalError URIError AggregateError DOMException"

// superCalls counts the frames at the top in which the constructor of an author's own error calls
// super: the error is where it was made, which is below them.
func (r *realm) superCalls(object *goja.Object, frames []goja.StackFrame) int {
	own := false
	_ = r.attempt(func() { // a prototype may be a proxy
		if class := object.Prototype(); class != nil {
			constructor, ok := class.Get("constructor").(*goja.Object)
			own = ok && !wordList(nativeErrors).has(r.ownText(constructor, "name"))
		}
	})
	if !own || r.places == nil {
		return 0
	}
	for i := range frames {
		if frames[i].SrcName() != sourceName || !r.callsSuper(&frames[i]) {
			return i
		}
	}
	return 0
}

// callsSuper says whether a frame is at a call of super.
func (r *realm) callsSuper(frame *goja.StackFrame) bool {
	position := frame.Position()
	line, column := r.places.author(position.Line, position.Column)
	if line < 1 {
		return false
	}
	begin := before(r.places.source, line, column)
	rest := strings.TrimPrefix(lineOf(r.places.source, line), begin)
	return strings.HasSuffix(begin, "super") || strings.HasPrefix(rest, "super")
}

// place adds a frame to the stack; the first one in the author's text that counts is where the error
// is.
func (r *realm) place(stack *strings.Builder, frame *goja.StackFrame, e *integrations.ScriptError, counts bool) {
	name := shorten(frame.FuncName(), longestName)
	if source := frame.SrcName(); source != sourceName {
		fmt.Fprintf(stack, "\n    at %s (%s)", name, cmp.Or(source, "<eval>"))
		return
	}
	position := frame.Position()
	if e.Line == 0 && counts {
		position.Column = r.places.undefinedName(position.Line, position.Column, e)
	}
	line, column := r.places.author(position.Line, position.Column)
	if e.Line == 0 && counts {
		e.Line, e.Column = line, column
	}
	if name == "<anonymous>" {
		fmt.Fprintf(stack, "\n    at %s:%d:%d", sourceName, line, column)
		return
	}
	fmt.Fprintf(stack, "\n    at %s (%s:%d:%d)", name, sourceName, line, column)
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

func shorten(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	for longest > 0 && !utf8.RuneStart(text[longest]) {
		longest--
	}
	return text[:longest] + "…"
}
