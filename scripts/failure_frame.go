package scripts

import (
	"encoding/binary"

	"github.com/grapnel-chat/grapnel/integrations"
)

// sendFailure and readFailure carry a ScriptError over the pipe.
func sendFailure(w *frameWriter, e *integrations.ScriptError) error {
	w.begin(kindFailure)
	w.string(string(e.Phase))
	w.string(e.Name)
	w.string(e.Message)
	w.string(e.Stack)
	place := binary.LittleEndian.AppendUint32(nil, uint32(e.Line))             //nolint:gosec // a source is far smaller
	w.bytes(binary.LittleEndian.AppendUint32(place, uint32(max(e.Column, 0)))) //nolint:gosec // as above
	w.strings(e.Console)
	w.string(e.Remedy)
	return w.end()
}

func readFailure(f *frame) *integrations.ScriptError {
	e := &integrations.ScriptError{
		Phase:   integrations.ScriptPhase(f.string()),
		Name:    f.string(),
		Message: f.string(),
		Stack:   f.string(),
	}
	if place := f.bytes(); len(place) == 8 {
		e.Line = int(binary.LittleEndian.Uint32(place))
		e.Column = int(binary.LittleEndian.Uint32(place[4:]))
	}
	e.Console = f.strings()
	e.Remedy = f.string()
	return e
}
