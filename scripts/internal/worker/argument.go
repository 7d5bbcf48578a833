package worker

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// argument builds what the method is called with.
func (r *realm) argument(c call) (argument goja.Value, err error) {
	thrown := r.attempt(func() {
		var reads *language.Reads
		if c.method == integrations.ProcessIncomingRequest {
			reads = r.reads
		}
		var root *goja.Object
		if root, err = r.object(c.argument, reads); err != nil {
			return
		}
		argument = root
		err = r.fill(root, c, reads)
	})
	if thrown != nil {
		return nil, r.failure(integrations.PhaseRun, thrown)
	}
	if nested, ok := errors.AsType[nestedError](err); ok {
		return nil, r.said(&integrations.ScriptError{Phase: integrations.PhaseRun, Name: "RangeError", Message: nested.Error()})
	}
	return argument, err
}

// fill adds what the method finds besides the plain argument.
func (r *realm) fill(root *goja.Object, c call, reads *language.Reads) error {
	request := child(root, "request")
	reads, isRead := readOf(reads, "request")
	if !isRead {
		return nil
	}
	content, text, err := r.content(c, reads)
	if err != nil {
		return err
	}
	switch c.method {
	case integrations.ProcessIncomingRequest:
		define(request, "content", content)
		define(request, "content_raw", text)
		define(request, "body", content)
	case integrations.ProcessOutgoingResponse:
		response := child(root, "response")
		r.readAsText(content, text)
		define(response, "content", content)
		define(response, "content_raw", text)
		r.revive(request)
	case integrations.PrepareOutgoingRequest:
		r.revive(request)
	}
	return nil
}

// content returns the parsed content and its text, nil where there is none or where it is not read.
func (r *realm) content(c call, reads *language.Reads) (value, text goja.Value, err error) {
	of, isRead := readOf(reads, "content")
	if c.content != nil && isRead {
		if value, err = r.builder.buildRead(c.content, of); err != nil {
			return nil, nil, fmt.Errorf("content: %w", err)
		}
	}
	raw := c.raw
	if raw == nil {
		raw = c.content
	}
	if _, isRead = readOf(reads, "content_raw"); raw != nil && isRead {
		text = r.runtime.ToValue(validText(raw))
	}
	return value, text, nil
}

// readOf is what is read of a member, if it is read.
func readOf(reads *language.Reads, name string) (of *language.Reads, isRead bool) {
	if reads == nil {
		return nil, true
	}
	return reads.Member([]byte(name))
}

func (r *realm) object(text []byte, reads *language.Reads) (*goja.Object, error) {
	value, err := r.builder.buildRead(text, reads)
	if err != nil {
		return nil, fmt.Errorf("argument: %w", err)
	}
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, errors.New("argument: not an object")
	}
	return object, nil
}

// readAsText lets a script use a parsed response as the text that it was: some expect the one,
// some the other. A response that has data of that name keeps it.
func (r *realm) readAsText(content, text goja.Value) {
	object, ok := content.(*goja.Object)
	if !ok {
		return
	}
	if _, inherited := goja.AssertFunction(object.Get("toString")); !inherited {
		return
	}
	toString := r.native("toString", 0, func(goja.FunctionCall) goja.Value { return text })
	_ = object.DefineDataProperty("toString", toString, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new and plain
}

// revive makes the one value a Date that was one before it became JSON.
func (r *realm) revive(request *goja.Object) {
	data := child(request, "data")
	if data == nil {
		return
	}
	text := data.Get("timestamp")
	if text == nil || !goja.IsString(text) {
		return
	}
	date, err := r.runtime.New(r.natives.date, text)
	if err != nil || goja.IsNaN(date.ToNumber()) {
		return
	}
	define(data, "timestamp", date)
}

func child(parent *goja.Object, name string) *goja.Object {
	if parent == nil {
		return nil
	}
	object, _ := parent.Get(name).(*goja.Object)
	return object
}

// define adds a property as JSON.parse would; nil stays undefined.
func define(object *goja.Object, name string, value goja.Value) {
	if object == nil || value == nil {
		return
	}
	_ = object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE) // a fresh object takes it
}
