package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// Writer gathers frames and writes them with one call.
type Writer struct {
	To    io.Writer
	Buf   []byte // what was gathered
	frame int    // where the one being gathered starts
}

// Keep forgets what was gathered, and gives back a buffer of more than most bytes.
func (w *Writer) Keep(most int) {
	if cap(w.Buf) > most {
		w.Buf = nil
	}
	w.Buf = w.Buf[:0]
}

// Begin starts a frame. What follows is added to it, up to End or Seal.
func (w *Writer) Begin(k Kind) {
	w.frame = len(w.Buf)
	w.Buf = append(w.Buf, byte(k), 0, 0, 0, 0, 0, 0, 0)
}

// Flag sets flags of the frame that was begun.
func (w *Writer) Flag(flags byte) { w.Buf[w.frame+1] |= flags }

// Number adds a part of eight bytes.
func (w *Writer) Number(n uint64) {
	w.Buf = binary.LittleEndian.AppendUint32(w.Buf, 8)
	w.Buf = binary.LittleEndian.AppendUint64(w.Buf, n)
}

// Bytes adds a part; nil is an absent one.
func (w *Writer) Bytes(part []byte) {
	if part == nil {
		w.Buf = binary.LittleEndian.AppendUint32(w.Buf, absent)
		return
	}
	w.Buf = binary.LittleEndian.AppendUint32(w.Buf, length(len(part)))
	w.Buf = append(w.Buf, part...)
}

// Text adds a part; an empty text is no absent one.
func (w *Writer) Text(part string) {
	w.Buf = binary.LittleEndian.AppendUint32(w.Buf, length(len(part)))
	w.Buf = append(w.Buf, part...)
}

// Texts adds a list as one part.
func (w *Writer) Texts(list []string) {
	size := 0
	for _, s := range list {
		size += 4 + len(s)
	}
	w.Buf = binary.LittleEndian.AppendUint32(w.Buf, length(size))
	for _, s := range list {
		w.Text(s)
	}
}

// Seal ends a frame that is written later.
func (w *Writer) Seal() {
	binary.LittleEndian.PutUint32(w.Buf[w.frame+4:], length(len(w.Buf)-w.frame-headerSize))
}

// End writes the frame, and those that were sealed before it.
func (w *Writer) End() error {
	w.Seal()
	_, err := w.To.Write(w.Buf)
	w.Keep(keptBuffer)
	return err
}

func length(n int) uint32 { return uint32(n) } //nolint:gosec // nothing of 4 GB fits in a worker

// Send writes a frame of given parts.
func (w *Writer) Send(k Kind, parts ...[]byte) error {
	w.Begin(k)
	for _, part := range parts {
		w.Bytes(part)
	}
	return w.End()
}

// Reader reads frames.
type Reader struct {
	From *bufio.Reader
	Max  int64 // bytes of a frame; a larger one is an error
	// Reuse keeps one buffer for all frames: parts are valid until the next one is read.
	Reuse bool
	buf   []byte
}

// Read returns the next frame, io.EOF where the other side has ended.
func (r *Reader) Read() (Frame, error) {
	header, err := r.From.Peek(headerSize)
	if err != nil {
		if len(header) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	f := Frame{Kind: Kind(header[0]), Flags: header[1]}
	size := int64(binary.LittleEndian.Uint32(header[4:]))
	if size > r.Max {
		return Frame{}, fmt.Errorf("frame of %d bytes is larger than %d", size, r.Max)
	}
	if _, err := r.From.Discard(headerSize); err != nil {
		return Frame{}, err
	}
	f.rest = r.space(int(size))
	_, err = io.ReadFull(r.From, f.rest)
	return f, err
}

// IsNextHere says whether the next frame can be read without waiting.
func (r *Reader) IsNextHere() bool {
	if r.From.Buffered() < headerSize {
		return false
	}
	header, _ := r.From.Peek(headerSize) // it is here
	return int64(r.From.Buffered()) >= headerSize+int64(binary.LittleEndian.Uint32(header[4:]))
}

func (r *Reader) space(size int) []byte {
	if !r.Reuse {
		return make([]byte, size)
	}
	if size > cap(r.buf) || cap(r.buf) > keptBuffer {
		r.buf = make([]byte, size)
	}
	return r.buf[:size]
}

// Frame hands out its parts in the order in which they were added.
type Frame struct {
	Kind  Kind
	Flags byte
	Bad   bool // a part was asked for that is not there, or does not fit: it read as an absent one
	rest  []byte
}

// Bytes reads a part; nil is an absent one. It lies where the frame lies.
func (f *Frame) Bytes() []byte {
	if len(f.rest) < 4 {
		f.rest, f.Bad = nil, true
		return nil
	}
	size := binary.LittleEndian.Uint32(f.rest)
	f.rest = f.rest[4:]
	if size == absent {
		return nil
	}
	if int64(size) > int64(len(f.rest)) {
		f.rest, f.Bad = nil, true
		return nil
	}
	part := f.rest[:size:size]
	f.rest = f.rest[size:]
	return part
}

// Number reads a part of eight bytes.
func (f *Frame) Number() uint64 {
	part := f.Bytes()
	if len(part) != 8 {
		f.Bad = true
		return 0
	}
	return binary.LittleEndian.Uint64(part)
}

// Text reads a part. An absent one is empty.
func (f *Frame) Text() string { return string(f.Bytes()) }

// Texts reads a list.
func (f *Frame) Texts() []string {
	list := Frame{rest: f.Bytes()}
	var out []string
	for len(list.rest) > 0 && !list.Bad {
		out = append(out, list.Text())
	}
	f.Bad = f.Bad || list.Bad
	return out
}
