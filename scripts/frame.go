package scripts

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// kind tells what a frame is about.
type kind byte

// The first group goes to the worker, the second comes back.
const (
	kindLimits  kind = iota + 1 // limits: once, first
	kindCall                    // owner, version, method, argument, content, raw
	kindSource                  // compiled text: answers kindNeedSource
	kindCompile                 // "strict" or nothing, text

	kindReady      // a list of what the kernel lacks to confine the worker: calls may come
	kindNeedSource // the worker holds no program for this call
	kindEvaluated  // the script was loaded, its method starts
	kindResult     // value, console
	kindMissing    // nothing, console: the script has no such method
	kindCompiled   // compiled text
	kindFailure    // a ScriptError: phase, name, message, stack, place, console
	kindFault      // text: the call itself made no sense
)

// A frame is a kind and a few byte strings. On the wire it is
//
//	kind (1 byte), nothing (3), length of the rest (4), then per part its length (4) and bytes
//
// with all numbers little endian. A part may be absent, which differs from empty.
const (
	headerSize = 8
	absent     = ^uint32(0)
	// A buffer that grew beyond this for one large frame is given back.
	keptBuffer = 1 << 20
)

// frameWriter gathers a frame and writes it with one call.
type frameWriter struct {
	to  io.Writer
	buf []byte
}

func (w *frameWriter) begin(k kind) {
	if cap(w.buf) > keptBuffer {
		w.buf = nil
	}
	w.buf = append(w.buf[:0], byte(k), 0, 0, 0, 0, 0, 0, 0)
}

// bytes adds a part; nil is an absent one.
func (w *frameWriter) bytes(part []byte) {
	if part == nil {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, absent)
		return
	}
	w.buf = binary.LittleEndian.AppendUint32(w.buf, length(len(part)))
	w.buf = append(w.buf, part...)
}

func (w *frameWriter) string(part string) {
	w.buf = binary.LittleEndian.AppendUint32(w.buf, length(len(part)))
	w.buf = append(w.buf, part...)
}

// strings adds a list as one part.
func (w *frameWriter) strings(list []string) {
	size := 0
	for _, s := range list {
		size += 4 + len(s)
	}
	w.buf = binary.LittleEndian.AppendUint32(w.buf, length(size))
	for _, s := range list {
		w.string(s)
	}
}

func (w *frameWriter) end() error {
	binary.LittleEndian.PutUint32(w.buf[4:], length(len(w.buf)-headerSize))
	_, err := w.to.Write(w.buf)
	return err
}

func length(n int) uint32 { return uint32(n) } //nolint:gosec // nothing of 4 GB fits in a worker

// send writes a frame of given parts.
func (w *frameWriter) send(k kind, parts ...[]byte) error {
	w.begin(k)
	for _, part := range parts {
		w.bytes(part)
	}
	return w.end()
}

// frameReader reads frames of at most max bytes.
type frameReader struct {
	from *bufio.Reader
	max  int64
	// reuse keeps one buffer for all frames: parts are valid until the next one is read.
	reuse bool
	buf   []byte
}

// read returns the next frame, io.EOF where the other side has ended.
func (r *frameReader) read() (frame, error) {
	header, err := r.from.Peek(headerSize)
	if err != nil {
		if len(header) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	f := frame{kind: kind(header[0])}
	size := int64(binary.LittleEndian.Uint32(header[4:]))
	if size > r.max {
		return frame{}, fmt.Errorf("frame of %d bytes is larger than %d", size, r.max)
	}
	if _, err := r.from.Discard(headerSize); err != nil {
		return frame{}, err
	}
	f.rest = r.space(int(size))
	_, err = io.ReadFull(r.from, f.rest)
	return f, err
}

func (r *frameReader) space(size int) []byte {
	if !r.reuse {
		return make([]byte, size)
	}
	if size > cap(r.buf) || cap(r.buf) > keptBuffer {
		r.buf = make([]byte, size)
	}
	return r.buf[:size]
}

// A frame hands out its parts in order. Parts that are missing or do not fit are absent, and bad
// tells so afterwards.
type frame struct {
	kind kind
	rest []byte
	bad  bool
}

func (f *frame) bytes() []byte {
	if len(f.rest) < 4 {
		f.rest, f.bad = nil, true
		return nil
	}
	size := binary.LittleEndian.Uint32(f.rest)
	f.rest = f.rest[4:]
	if size == absent {
		return nil
	}
	if int64(size) > int64(len(f.rest)) {
		f.rest, f.bad = nil, true
		return nil
	}
	part := f.rest[:size:size]
	f.rest = f.rest[size:]
	return part
}

func (f *frame) string() string { return string(f.bytes()) }

func (f *frame) strings() []string {
	list := frame{rest: f.bytes()}
	var out []string
	for len(list.rest) > 0 && !list.bad {
		out = append(out, list.string())
	}
	f.bad = f.bad || list.bad
	return out
}
