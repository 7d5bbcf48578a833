package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

type settings struct {
	address     string
	data        string
	standalone  bool
	noTableScan bool
	expire      time.Duration
}

// server holds the databases. One lock stands around all of them: a write has them for itself.
type server struct {
	settings
	started time.Time

	mu          sync.RWMutex
	collections map[string]*collection // by namespace
	journal     *journal               // nil: nothing is kept

	cursors cursors
	failing failing
	retries retries

	connMu   sync.Mutex
	conns    map[net.Conn]bool
	refusing bool
	stop     chan struct{}
}

func newServer(o settings) (*server, error) {
	addOperators()
	s := &server{settings: o, started: time.Now(), collections: map[string]*collection{}, conns: map[net.Conn]bool{}, stop: make(chan struct{})}
	if o.data != "" {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	go s.expiring()
	return s, nil
}

func (s *server) close() error {
	close(s.stop)
	s.refuse(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.close()
}

func (s *server) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if s.admit(conn) {
			go s.talk(conn)
		} else {
			_ = conn.Close()
		}
	}
}

func (s *server) admit(conn net.Conn) bool {
	s.connMu.Lock()
	defer s.connMu.Unlock()
	if !s.refusing {
		s.conns[conn] = true
	}
	return !s.refusing
}

// refuse closes all connections and, from then on, every new one; or lets them in again.
func (s *server) refuse(refusing bool) {
	s.connMu.Lock()
	defer s.connMu.Unlock()
	s.refusing = refusing
	if refusing {
		for conn := range s.conns {
			_ = conn.Close()
		}
	}
}

func (s *server) talk(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		s.connMu.Lock()
		delete(s.conns, conn)
		s.connMu.Unlock()
	}()
	in := bufio.NewReaderSize(conn, 64<<10)
	for {
		m, err := readMessage(in)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reset by peer") {
				log.Println("read:", err)
			}
			return
		}
		answer, keep := s.answer(m)
		if !keep {
			return
		}
		if m.silent {
			continue
		}
		if err := writeMessage(conn, m, answer); err != nil {
			return
		}
	}
}

// request is a command with what it shares with all others.
type request struct {
	name     string
	body     bson.D
	database string
	deadline time.Time
}

// field answers a member of the command; nil where it is not there.
func (r *request) field(name string) any { return value(r.body, name) }

// collection is the namespace that the command's first member names.
func (r *request) namespace() (string, error) {
	name, ok := r.body[0].Value.(string)
	if !ok || name == "" || strings.ContainsRune(name, 0) || strings.HasPrefix(name, "$") {
		return "", &fault{code: 73, name: "InvalidNamespace", text: fmt.Sprintf("Invalid namespace specified '%s.%v'", r.database, r.body[0].Value)}
	}
	return r.database + "." + name, nil
}

// filter is a member that is a query.
func (r *request) filter(name string) (bson.D, error) {
	switch v := joinOptions(r.field(name)).(type) {
	case nil:
		return bson.D{}, nil
	case bson.D:
		return v, nil
	default:
		return nil, failedToParse("%s has to be a document", name)
	}
}

func (r *request) document(name string) bson.D { d, _ := r.field(name).(bson.D); return d }

// answer carries a command out. It reports whether the connection stays open.
func (s *server) answer(m message) (bson.D, bool) {
	if len(m.body) == 0 {
		return failedToParse("empty command").answer(), true
	}
	r := &request{name: m.body[0].Key, body: m.body}
	r.database, _ = r.field("$db").(string)
	if limit := integer(r.field("maxTimeMS")); limit > 0 {
		r.deadline = time.Now().Add(time.Duration(limit) * time.Millisecond)
	}
	before, after, refused := s.failing.of(r)
	if before {
		return nil, false
	}
	if refused != nil {
		return refused, true
	}
	answer := s.retries.once(r, func() bson.D { return s.carryOut(r) })
	return answer, !after
}

func (s *server) carryOut(r *request) (answer bson.D) {
	defer func() {
		if p := recover(); p != nil {
			if text := fmt.Sprint(p); strings.HasPrefix(text, "bsonkit:") { // a type that the engine does not know
				answer = badValue("%s", text).answer()
				return
			}
			panic(p)
		}
	}()
	c, known := commands[r.name]
	if !known {
		return (&fault{code: 59, name: "CommandNotFound", text: fmt.Sprintf("no such command: '%s'", r.name)}).answer()
	}
	if err := s.check(r); err != nil {
		return faultOf(err).answer()
	}
	if c.writes {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	if !r.deadline.IsZero() && time.Now().After(r.deadline) {
		return timeExpired().answer()
	}
	out, err := c.run(s, r)
	if flushed := s.journal.flush(); err == nil && flushed != nil {
		err = flushed
	}
	if err != nil {
		return faultOf(err).answer()
	}
	return append(out, bson.E{Key: "ok", Value: 1.0})
}

// check refuses what would not mean here what it says.
func (s *server) check(r *request) error {
	if r.field("startTransaction") != nil || r.field("autocommit") != nil {
		return &fault{code: 263, name: "OperationNotSupportedInTransaction", text: "mongotest has no transactions"}
	}
	for _, d := range []any{r.body, r.field("updates"), r.field("deletes")} {
		parts, ok := d.(bson.A)
		if !ok {
			parts = bson.A{d}
		}
		for _, part := range parts {
			d, _ := part.(bson.D)
			if collation := value(d, "collation"); collation != nil && value(collation.(bson.D), "locale") != "simple" {
				return notSupported("collations")
			}
			if value(d, "let") != nil {
				return notSupported("let")
			}
		}
	}
	return nil
}

func (s *server) collection(namespace string) *collection { return s.collections[namespace] }

// made answers a collection that is there from now on.
func (s *server) made(namespace string) *collection {
	c := s.collections[namespace]
	if c == nil {
		c = newCollection(namespace, s.journal.note)
		s.collections[namespace] = c
		s.journal.noteMade(namespace)
	}
	return c
}

// planned plans a query, and refuses it where an index is asked for and none serves.
func (s *server) planned(c *collection, q query) (*plan, error) {
	for _, e := range q.sort {
		if _, ok := e.Value.(bson.D); ok {
			return nil, notSupported("sorting by %s", show(e.Value))
		}
	}
	p, err := c.plan(q)
	if err == nil && s.noTableScan && !p.indexed() {
		return nil, &fault{code: 291, name: "NoQueryExecutionPlans", text: "error processing query: ns=" + c.namespace + " planner returned error: No indexed plans available, and running with 'notablescan'"}
	}
	return p, err
}

// expiring removes what has a time to end.
func (s *server) expiring() {
	ticks := time.NewTicker(s.expire)
	defer ticks.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-ticks.C:
			if err := s.expireAt(now); err != nil {
				log.Println("expire:", err)
			}
		}
	}
}

func (s *server) expireAt(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.collections {
		for _, x := range c.indexes {
			if !x.timed {
				continue
			}
			until := primitive.NewDateTimeFromTime(now.Add(-x.expires))
			q := query{filter: bson.D{{Key: x.columns[0].Path, Value: bson.D{{Key: "$lt", Value: until}}}}}
			if x.partial != nil {
				q.filter = append(q.filter, *x.partial...)
			}
			p, err := c.plan(q)
			if err != nil {
				return err
			}
			ended, err := c.find(q, p)
			if err != nil {
				return err
			}
			for _, r := range ended {
				if err := c.remove(r); err != nil {
					return err
				}
			}
		}
	}
	return s.journal.flush()
}

// retries remembers the last answer of each session's retryable writes, so that one that comes again
// is not carried out twice. What was remembered ends with the process.
type retries struct {
	mu   sync.Mutex
	last map[string]retried
	age  []string
}

type retried struct {
	number int64
	answer bson.D
}

const rememberedSessions = 10_000

func (t *retries) once(r *request, carryOut func() bson.D) bson.D {
	number, ok := r.field("txnNumber").(int64)
	if !ok {
		return carryOut()
	}
	session := fmt.Sprint(value(r.document("lsid"), "id"))
	t.mu.Lock()
	before, known := t.last[session]
	t.mu.Unlock()
	if known && before.number == number {
		return before.answer
	}
	answer := carryOut()
	if value(answer, "ok") != 1.0 {
		return answer
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]retried{}
	}
	if !known {
		t.age = append(t.age, session)
		if len(t.age) > rememberedSessions {
			delete(t.last, t.age[0])
			t.age = slices.Delete(t.age, 0, 1)
		}
	}
	t.last[session] = retried{number, answer}
	return answer
}
