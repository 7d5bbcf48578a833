package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"go.mongodb.org/mongo-driver/bson"
)

// Codes of the messages that the protocol has left.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

// Flags of an OP_MSG.
const (
	checksumPresent = 1 << 0
	moreToCome      = 1 << 1
)

const (
	headerSize     = 16
	maxMessageSize = 48_000_000
	maxDocument    = 16 << 20
)

// message is one command as it came.
type message struct {
	requestID int32
	op        int32
	silent    bool // the client wants no answer
	body      bson.D
	raw       bson.Raw
}

// readMessage reads one message. Documents that came as a sequence beside the body stand in it under
// their name, as if they had been an array there.
func readMessage(r io.Reader) (message, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return message{}, err
	}
	size := int(binary.LittleEndian.Uint32(header[0:]))
	if size < headerSize || size > maxMessageSize {
		return message{}, fmt.Errorf("message of %d bytes", size)
	}
	m := message{requestID: int32(binary.LittleEndian.Uint32(header[4:])), op: int32(binary.LittleEndian.Uint32(header[12:]))}
	whole := make([]byte, size)
	copy(whole, header[:])
	if _, err := io.ReadFull(r, whole[headerSize:]); err != nil {
		return message{}, err
	}
	var err error
	switch m.op {
	case opMsg:
		err = m.readMsg(whole)
	case opQuery:
		err = m.readQuery(whole[headerSize:])
	default:
		err = fmt.Errorf("unknown message code %d", m.op)
	}
	return m, err
}

var errShort = errors.New("message ends early")

func (m *message) readMsg(whole []byte) error {
	rest := whole[headerSize:]
	if len(rest) < 5 {
		return errShort
	}
	flags := binary.LittleEndian.Uint32(rest)
	m.silent = flags&moreToCome != 0
	rest = rest[4:]
	if flags&checksumPresent != 0 {
		sum := binary.LittleEndian.Uint32(rest[len(rest)-4:])
		if crc32.Checksum(whole[:len(whole)-4], crc32.MakeTable(crc32.Castagnoli)) != sum {
			return errors.New("message with a wrong checksum")
		}
		rest = rest[:len(rest)-4]
	}
	var sequences bson.D
	for len(rest) > 0 {
		kind := rest[0]
		rest = rest[1:]
		section, err := cut(&rest)
		if err != nil {
			return err
		}
		switch kind {
		case 0:
			m.raw = bson.Raw(section)
			if err := bson.Unmarshal(section, &m.body); err != nil {
				return fmt.Errorf("read the body: %w", err)
			}
		case 1:
			sequence, err := readSequence(section[4:])
			if err != nil {
				return err
			}
			sequences = append(sequences, sequence)
		default:
			return fmt.Errorf("unknown section %d", kind)
		}
	}
	m.body = append(m.body, sequences...)
	return nil
}

// cut takes what begins with its own length.
func cut(rest *[]byte) ([]byte, error) {
	if len(*rest) < 4 {
		return nil, errShort
	}
	size := int(binary.LittleEndian.Uint32(*rest))
	if size < 5 || size > len(*rest) {
		return nil, errShort
	}
	section := (*rest)[:size]
	*rest = (*rest)[size:]
	return section, nil
}

func readSequence(section []byte) (bson.E, error) {
	name, rest, err := cString(section)
	if err != nil {
		return bson.E{}, err
	}
	documents := bson.A{}
	for len(rest) > 0 {
		raw, err := cut(&rest)
		if err != nil {
			return bson.E{}, err
		}
		var document bson.D
		if err := bson.Unmarshal(raw, &document); err != nil {
			return bson.E{}, fmt.Errorf("read a document of %s: %w", name, err)
		}
		documents = append(documents, document)
	}
	return bson.E{Key: name, Value: documents}, nil
}

// readQuery reads the message that drivers still greet with.
func (m *message) readQuery(rest []byte) error {
	if len(rest) < 4 {
		return errShort
	}
	namespace, rest, err := cString(rest[4:])
	if err != nil {
		return err
	}
	if len(rest) < 8 {
		return errShort
	}
	if err := bson.Unmarshal(rest[8:], &m.body); err != nil {
		return fmt.Errorf("read the query of %s: %w", namespace, err)
	}
	m.body = append(m.body, bson.E{Key: "$db", Value: "admin"})
	return nil
}

func cString(b []byte) (string, []byte, error) {
	for i, c := range b {
		if c == 0 {
			return string(b[:i]), b[i+1:], nil
		}
	}
	return "", nil, errShort
}

// writeMessage answers a message with a document, in the form in which it came.
func writeMessage(w io.Writer, to message, answer bson.D) error {
	document, err := bson.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	var head []byte
	op := uint32(opMsg)
	if to.op == opQuery {
		op = opReply
		head = make([]byte, 20)
		binary.LittleEndian.PutUint32(head[0:], 8) // the server can await more
		binary.LittleEndian.PutUint32(head[16:], 1)
	} else {
		head = make([]byte, 5) // no flags, and a section of kind 0
	}
	out := make([]byte, headerSize, headerSize+len(head)+len(document))
	binary.LittleEndian.PutUint32(out[0:], uint32(headerSize+len(head)+len(document)))
	binary.LittleEndian.PutUint32(out[8:], uint32(to.requestID))
	binary.LittleEndian.PutUint32(out[12:], op)
	out = append(append(out, head...), document...)
	_, err = w.Write(out)
	return err
}
