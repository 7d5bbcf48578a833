package sqlite

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/grapnel-chat/grapnel/integrations"
)

// block is a row of the log in the making.
type block struct {
	integrationID  string
	first, last    string
	began, ended   int64
	entries        int
	heads, details []byte
	compressed     []byte // what packed answered last
}

// begin makes an empty block in the space of the one before.
func (b *block) begin(integrationID string) {
	*b = block{integrationID: integrationID, heads: b.heads[:0], details: b.details[:0], compressed: b.compressed}
}

// packed is the details as they are stored. Requests to one hook resemble each other, and what is not
// written to the disk does not stand in the way of what hooks wait for.
func (b *block) packed() []byte {
	b.compressed = s2.Encode(b.compressed[:cap(b.compressed)], b.details)
	return b.compressed
}

func (b *block) size() int { return len(b.heads) + len(b.details) + blockCost }

// add puts an exchange behind the others.
func (b *block) add(e *integrations.Exchange) {
	at := millis(e.At)
	if b.entries == 0 {
		b.first, b.began, b.ended = e.ID, at, at
	}
	b.last, b.began, b.ended = e.ID, min(b.began, at), max(b.ended, at)
	b.entries++
	from := len(b.details)
	if e.Detail != nil {
		b.details = packDetail(b.details, e.Detail)
	}
	b.heads = packHead(b.heads, e, place{from, len(b.details) - from})
}

// place is where a detail stands among those of its block.
type place struct{ offset, length int }

// A head, and a detail, is its length, the version of its format and its members one after the
// other. A newer version may add members at the end, which an older one does not read.
const packVersion = 1

// errPacked is a block that cannot be read.
var errPacked = errors.New("block of the log is damaged")

func packHead(out []byte, e *integrations.Exchange, p place) []byte {
	return framed(out, func(w *packer) {
		w.text(e.ID)
		w.text(string(e.Kind))
		w.time(e.At)
		w.number(int64(e.Took))
		w.text(string(e.Outcome))
		w.text(e.Error)
		w.text(e.RequestID)
		w.text(e.ReplayOf)
		w.yes(e.Bare)
		w.text(e.DeliveryID)
		w.number(int64(e.Attempt))
		w.number(int64(e.Status))
		w.text(string(e.Step))
		w.time(e.Next)
		w.number(e.Size)
		w.number(int64(p.offset))
		w.number(int64(p.length))
	})
}

// eachHead calls f for each exchange of a block's heads.
func eachHead(heads []byte, integrationID string, f func(integrations.Exchange, place)) error {
	for r := (unpacker{rest: heads}); len(r.rest) > 0; {
		head := unpacker{rest: r.frame()}
		head.number() // the version
		e := integrations.Exchange{
			ID: head.text(), IntegrationID: integrationID, Kind: integrations.Kind(head.text()), At: head.time(), Took: time.Duration(head.number()),
			Outcome: integrations.ExchangeOutcome(head.text()), Error: head.text(), RequestID: head.text(), ReplayOf: head.text(), Bare: head.yes(),
			DeliveryID: head.text(), Attempt: int(head.number()), Status: int(head.number()), Step: integrations.Step(head.text()), Next: head.time(),
			Size: head.number(),
		}
		p := place{int(head.number()), int(head.number())}
		if r.broken || head.broken {
			return errPacked
		}
		f(e, p)
	}
	return nil
}

func packDetail(out []byte, d *integrations.Detail) []byte {
	return framed(out, func(w *packer) {
		w.text(d.Address)
		w.text(d.Method)
		w.text(d.URL)
		w.header(d.RequestHeader)
		w.excerpt(d.RequestBody)
		w.header(d.ResponseHeader)
		w.excerpt(d.ResponseBody)
		w.excerpt(d.Result)
		w.number(int64(len(d.Console)))
		for _, line := range d.Console {
			w.text(line)
		}
		w.number(int64(len(d.Messages)))
		for _, m := range d.Messages {
			w.text(m.Channel)
			w.text(m.RoomID)
			w.text(m.MessageID)
			w.text(m.Text)
		}
		w.bytes(d.Sealed)
	})
}

// detailAt answers a detail out of what packed has made.
func detailAt(packed []byte, at place) (*integrations.Detail, error) {
	if n, err := s2.DecodedLen(packed); err != nil || n > mostDecoded {
		return nil, errPacked
	}
	details, err := s2.Decode(nil, packed)
	if err != nil || at.offset < 0 || at.length < 0 || at.offset > len(details) || at.length > len(details)-at.offset {
		return nil, errPacked
	}
	return readDetail(details[at.offset : at.offset+at.length])
}

// mostDecoded bounds what a damaged block can ask for.
const mostDecoded = 1 << 30

func readDetail(text []byte) (*integrations.Detail, error) {
	if len(text) == 0 {
		return nil, nil //nolint:nilnil // an exchange that was added without a detail has none
	}
	frame := unpacker{rest: text}
	r := unpacker{rest: frame.frame()}
	r.number() // the version
	d := &integrations.Detail{
		Address: r.text(), Method: r.text(), URL: r.text(), RequestHeader: r.header(), RequestBody: r.excerpt(), ResponseHeader: r.header(),
		ResponseBody: r.excerpt(), Result: r.excerpt(),
	}
	for range r.count() {
		d.Console = append(d.Console, r.text())
	}
	for range r.count() {
		d.Messages = append(d.Messages, integrations.Sent{Channel: r.text(), RoomID: r.text(), MessageID: r.text(), Text: r.text()})
	}
	if sealed := r.bytes(); len(sealed) > 0 {
		d.Sealed = sealed
	}
	if frame.broken || r.broken {
		return nil, errPacked
	}
	return d, nil
}

// framed writes a version and what pack writes behind their length.
func framed(out []byte, pack func(*packer)) []byte {
	const space = 4
	from := len(out)
	w := packer{append(out, 0, 0, 0, 0)}
	w.number(packVersion)
	pack(&w)
	binary.LittleEndian.PutUint32(w.out[from:], uint32(len(w.out)-from-space)) //nolint:gosec // a block has megabytes at most
	return w.out
}

// packer writes members one after the other.
type packer struct{ out []byte }

func (w *packer) number(n int64) { w.out = binary.AppendVarint(w.out, n) }

func (w *packer) yes(yes bool) {
	if yes {
		w.number(1)
	} else {
		w.number(0)
	}
}

// time keeps microseconds; the zero time is zero.
func (w *packer) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
	} else {
		w.number(t.UnixMicro())
	}
}

func (w *packer) text(text string) {
	w.number(int64(len(text)))
	w.out = append(w.out, text...)
}

func (w *packer) bytes(b []byte) {
	w.number(int64(len(b)))
	w.out = append(w.out, b...)
}

func (w *packer) header(lines []integrations.HeaderLine) {
	w.number(int64(len(lines)))
	for _, line := range lines {
		w.text(line.Name)
		w.text(line.Value)
		w.yes(line.Secret)
	}
}

func (w *packer) excerpt(e integrations.Excerpt) {
	w.bytes(e.Bytes)
	w.number(e.Size)
}

// unpacker reads them again. What was damaged reads as zero, and sets broken.
type unpacker struct {
	rest   []byte
	broken bool
}

// frame reads what framed has written.
func (r *unpacker) frame() []byte {
	const space = 4
	length := r.take(space)
	if r.broken {
		return nil
	}
	return r.take(int64(binary.LittleEndian.Uint32(length)))
}

func (r *unpacker) number() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.broken, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *unpacker) yes() bool { return r.number() != 0 }

func (r *unpacker) time() time.Time { return unixTime(r.number()) }

func (r *unpacker) text() string { return string(r.take(r.number())) }

// count is a number of members, of which each has a byte at least.
func (r *unpacker) count() int {
	n := r.number()
	if n < 0 || n > int64(len(r.rest)) {
		r.broken, r.rest = true, nil
		return 0
	}
	return int(n)
}

func (r *unpacker) bytes() []byte { return r.take(r.number()) }

func (r *unpacker) take(n int64) []byte {
	if n < 0 || n > int64(len(r.rest)) {
		r.broken, r.rest = true, nil
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *unpacker) header() []integrations.HeaderLine {
	var lines []integrations.HeaderLine
	for range r.count() {
		lines = append(lines, integrations.HeaderLine{Name: r.text(), Value: r.text(), Secret: r.yes()})
	}
	return lines
}

func (r *unpacker) excerpt() integrations.Excerpt {
	e := integrations.Excerpt{Bytes: r.bytes()}
	if e.Size = r.number(); len(e.Bytes) == 0 {
		e.Bytes = nil
	}
	return e
}
