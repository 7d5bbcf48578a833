package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/256dpi/lungo/bsonkit"
	"go.mongodb.org/mongo-driver/bson"
)

// journal writes every change to a file, one document each. It is written out before a command is
// answered but not flushed to the disk: what was answered survives the process, not the machine.
type journal struct {
	file *os.File
	out  *bufio.Writer
	err  error
}

// load reads the journal of an earlier process and goes on writing it. A change that was half
// written when that process ended was never answered, and is cut off.
func (s *server) load() error {
	file, err := os.OpenFile(s.data, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	in := bufio.NewReader(file)
	var whole int64
	for {
		raw, err := bson.ReadDocument(in)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", s.data, err)
		}
		if err := s.replay(raw); err != nil {
			return fmt.Errorf("read %s: %w", s.data, err)
		}
		whole += int64(len(raw))
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		return err
	}
	s.journal = &journal{file: file, out: bufio.NewWriterSize(file, 1<<20)}
	for _, c := range s.collections {
		c.changed = s.journal.note
	}
	return nil
}

func (s *server) replay(raw bson.Raw) error {
	var d bson.D
	if err := bson.Unmarshal(raw, &d); err != nil {
		return err
	}
	namespace, _ := value(d, "ns").(string)
	switch value(d, "op") {
	case "made":
		s.made(namespace)
	case "drop":
		delete(s.collections, namespace)
	case "index":
		spec, _ := value(d, "spec").(bson.D)
		_, err := s.made(namespace).createIndex(spec)
		return err
	case "dropIndex":
		name, _ := value(d, "name").(string)
		s.made(namespace).dropIndex(name)
	case "put", "remove":
		return s.made(namespace).restore(value(d, "id"), d)
	}
	return nil
}

// restore makes a change again.
func (c *collection) restore(id any, d bson.D) error {
	var old *record
	c.indexes[0].tree.Ascend(entry{key: []any{id}, edge: -1}, func(e entry) bool {
		if bsonkit.Compare(e.key[0], id) == 0 {
			old = e.record
		}
		return false
	})
	doc, put := value(d, "doc").(bson.D)
	switch {
	case put && old != nil:
		_, err := c.replace(old, &doc)
		return err
	case put:
		return c.insert(doc)
	case old != nil:
		return c.remove(old)
	default:
		return nil
	}
}

func (j *journal) note(c change) {
	if c.document == nil {
		j.write(bson.D{{Key: "op", Value: "remove"}, {Key: "ns", Value: c.namespace}, {Key: "id", Value: c.id}})
		return
	}
	j.write(bson.D{{Key: "op", Value: "put"}, {Key: "ns", Value: c.namespace}, {Key: "id", Value: c.id}, {Key: "doc", Value: c.document}})
}

func (j *journal) noteMade(namespace string) {
	j.write(bson.D{{Key: "op", Value: "made"}, {Key: "ns", Value: namespace}})
}

func (j *journal) noteDropped(namespace string) {
	j.write(bson.D{{Key: "op", Value: "drop"}, {Key: "ns", Value: namespace}})
}

func (j *journal) noteIndex(namespace string, spec bson.D) {
	j.write(bson.D{{Key: "op", Value: "index"}, {Key: "ns", Value: namespace}, {Key: "spec", Value: spec}})
}

func (j *journal) noteIndexDropped(namespace, name string) {
	j.write(bson.D{{Key: "op", Value: "dropIndex"}, {Key: "ns", Value: namespace}, {Key: "name", Value: name}})
}

func (j *journal) write(d bson.D) {
	if j == nil {
		return
	}
	raw, err := bson.Marshal(d)
	if err == nil {
		_, err = j.out.Write(raw)
	}
	j.err = errors.Join(j.err, err)
}

func (j *journal) flush() error {
	if j == nil || j.out.Buffered() == 0 {
		return nil
	}
	return errors.Join(j.err, j.out.Flush())
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.flush(), j.file.Close())
}
