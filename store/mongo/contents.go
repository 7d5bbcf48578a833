package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	chunkSize   = 255 << 10 // GridFS's
	chunksBatch = 16        // written at once
)

// contentDoc is the description of a content, as GridFS has it. Its id is that of the file.
type contentDoc struct {
	ID        string    `bson:"_id"`
	Length    int64     `bson:"length"`
	ChunkSize int64     `bson:"chunkSize"`
	UpdatedAt time.Time `bson:"uploadDate"`
	Name      string    `bson:"filename"`
	Type      string    `bson:"contentType,omitempty"`
}

// chunkDoc is a piece of a content.
type chunkDoc struct {
	FileID string `bson:"files_id"`
	N      int64  `bson:"n"`
	Data   []byte `bson:"data"`
}

// writeContent writes a content to its end and answers its size.
func (s *Store) writeContent(ctx context.Context, f workspace.File, content io.Reader) (size int64, err error) {
	var batch []any
	flush := func() error {
		if len(batch) == 0 {
			return ctx.Err()
		}
		_, err := s.in(chunksName).InsertMany(ctx, batch)
		batch = nil
		return err
	}
	for n := int64(0); ; n++ {
		piece := make([]byte, chunkSize)
		read, err := io.ReadFull(content, piece)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return 0, err
		}
		if read > 0 {
			batch = append(batch, chunkDoc{f.ID, n, piece[:read]})
			size += int64(read)
		}
		if ended || len(batch) == chunksBatch {
			if err := flush(); err != nil {
				return 0, err
			}
		}
		if ended {
			break
		}
	}
	_, err = s.in(contentsName).InsertOne(ctx, contentDoc{
		ID: f.ID, Length: size, ChunkSize: chunkSize, UpdatedAt: f.CreatedAt, Name: f.Name, Type: f.Type,
	})
	return size, err
}

// removeContent removes whatever there is of a content.
func (s *Store) removeContent(ctx context.Context, id string) error {
	if err := s.deleteMany(ctx, chunksName, bson.D{is("files_id", id)}); err != nil {
		return err
	}
	return s.deleteMany(ctx, contentsName, bson.D{is("_id", id)})
}

// OpenFile implements workspace.FileStore. The content is read chunk by chunk, while the context lasts.
func (s *Store) OpenFile(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	if _, err := s.File(ctx, id); err != nil {
		return nil, err
	}
	d, err := readOne[contentDoc](ctx, s.in(contentsName), bson.D{is("_id", id)})
	if err != nil {
		return nil, failed(ctx, "open file", err)
	}
	if d.ChunkSize <= 0 {
		return nil, fmt.Errorf("open file: chunks of %d bytes", d.ChunkSize)
	}
	return &reader{ctx: ctx, s: s, content: d, loaded: -1}, nil
}

// reader reads a content.
type reader struct {
	ctx     context.Context
	s       *Store
	content contentDoc
	at      int64
	loaded  int64 // number of the chunk below; -1: none
	chunk   []byte
}

// Read implements io.Reader.
func (r *reader) Read(into []byte) (int, error) {
	if r.at >= r.content.Length {
		return 0, io.EOF
	}
	n := r.at / r.content.ChunkSize
	if n != r.loaded {
		d, err := readOne[chunkDoc](r.ctx, r.s.in(chunksName), bson.D{is("files_id", r.content.ID), is("n", n)})
		if err != nil {
			return 0, failed(r.ctx, "read file", err)
		}
		r.loaded, r.chunk = n, d.Data
	}
	within := r.at - n*r.content.ChunkSize
	if within >= int64(len(r.chunk)) {
		return 0, io.ErrUnexpectedEOF
	}
	read := copy(into, r.chunk[within:])
	r.at += int64(read)
	return read, nil
}

// Seek implements io.Seeker.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.content.Length
	}
	if offset < 0 {
		return 0, errors.New("seek to before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (r *reader) Close() error { return nil }
