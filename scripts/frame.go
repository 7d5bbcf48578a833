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
	kindLimits  kind = iota + 1 // limits, a part if there is a way out: once, first
	kindCall                    // owner, version, method, argument, content, raw, values of Store if they are kept
	kindSource                  // compiled text: answers kindNeedSource
	kindCompile                 // "strict" or nothing, text
	kindResume                  // nothing: calls after this one are to be made again
	kindAnswer                  // number, head, body: answers kindAsk
	kindInspect                 // "strict" or nothing, text

	kindReady      // a list of what the kernel lacks to confine the worker: calls may come
	kindNeedSource // the worker holds no program for this call
	kindEvaluated  // the script was loaded, its method starts
	kindLowered    // thread: the run goes on at low priority; calls are left undone until kindResume
	kindWaits      // the script waits for an answer, or for time to pass
	kindRuns       // it goes on
	kindAsk        // number, head, body: a call to the outside
	kindResult     // value, console, effort, changed values of Store
	kindMissing    // as kindResult, without a value: the script has no such method
	kindCompiled   // compiled text, or a Report as JSON
	kindFailure    // a ScriptError: phase, name, message, stack, place, console, remedy; effort, changed values
	kindFault      // text: the call itself made no sense
)

// Flags of a frame, each for one kind.
const (
	flagLow    = 1 // of kindCall: begins at low priority
	flagHalted = 1 // of kindFailure: a limit of time ended the run
	flagBusy   = 2 // of kindLowered: it has kept a processor busy for long
)

// A frame is a kind and a few byte strings. On the wire it is
//
//	kind (1 byte), flags (1), nothing (2), length of the rest (4), then per part its length (4) and bytes
//
// with all numbers little endian. A part may be absent, which differs from empty.
const (
	headerSize = 8
	absent     = ^uint32(0)
	// A buffer that grew beyond this for one large frame is given back.
	keptBuffer = 1 << 20
)

// frameWriter gathers frames and writes them with one call.
type frameWriter struct {
	to    io.Writer
	buf   []byte
	frame int // where the one being gathered starts
}

// reset forgets what was gathered.
func (w *frameWriter) reset() { w.keep(keptBuffer) }

// keep is reset, and gives a buffer back that is larger than that.
func (w *frameWriter) keep(most int) {
	if cap(w.buf) > most {
		w.buf = nil
	}
	w.buf = w.buf[:0]
}

func (w *frameWriter) begin(k kind) {
	w.frame = len(w.buf)
	w.buf = append(w.buf, byte(k), 0, 0, 0, 0, 0, 0, 0)
}

// flag sets flags of the frame that was begun.
func (w *frameWriter) flag(flags byte) { w.buf[w.frame+1] |= flags }

// number adds a part of eight bytes.
func (w *frameWriter) number(n uint64) {
	w.buf = binary.LittleEndian.AppendUint32(w.buf, 8)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, n)
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

// seal ends a frame that is written later.
func (w *frameWriter) seal() {
	binary.LittleEndian.PutUint32(w.buf[w.frame+4:], length(len(w.buf)-w.frame-headerSize))
}

// end writes the frame, and those that were sealed before it.
func (w *frameWriter) end() error {
	w.seal()
	_, err := w.to.Write(w.buf)
	w.reset()
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
	f := frame{kind: kind(header[0]), flags: header[1]}
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

// isNextHere says whether the next frame can be read without waiting.
func (r *frameReader) isNextHere() bool {
	if r.from.Buffered() < headerSize {
		return false
	}
	header, _ := r.from.Peek(headerSize) // it is here
	return int64(r.from.Buffered()) >= headerSize+int64(binary.LittleEndian.Uint32(header[4:]))
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
	kind  kind
	flags byte
	rest  []byte
	bad   bool
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

func (f *frame) number() uint64 {
	part := f.bytes()
	if len(part) != 8 {
		f.bad = true
		return 0
	}
	return binary.LittleEndian.Uint64(part)
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
