package wire

import (
	"encoding/binary"

	"github.com/grapnel-chat/grapnel/integrations"
)

// PutFailure begins a frame that carries what a script failed with. The caller adds the effort and the
// changed values, and ends it.
func PutFailure(w *Writer, e *integrations.ScriptError) {
	w.Begin(KindFailure)
	w.Text(string(e.Phase))
	w.Text(e.Name)
	w.Text(e.Message)
	w.Text(e.Stack)
	place := binary.LittleEndian.AppendUint32(nil, uint32(e.Line))             //nolint:gosec // a source is far smaller
	w.Bytes(binary.LittleEndian.AppendUint32(place, uint32(max(e.Column, 0)))) //nolint:gosec // as above
	w.Texts(e.Console)
	w.Text(e.Remedy)
}

// ReadFailure reads what PutFailure has added. Of a frame that is Bad it has what could be read.
func ReadFailure(f *Frame) *integrations.ScriptError {
	e := &integrations.ScriptError{
		Phase:   integrations.ScriptPhase(f.Text()),
		Name:    f.Text(),
		Message: f.Text(),
		Stack:   f.Text(),
	}
	if place := f.Bytes(); len(place) == 8 {
		e.Line = int(binary.LittleEndian.Uint32(place))
		e.Column = int(binary.LittleEndian.Uint32(place[4:]))
	}
	e.Console = f.Texts()
	e.Remedy = f.Text()
	return e
}
