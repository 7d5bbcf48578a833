package main

import (
	"math"
	"sync"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
)

// cursors hold what of an answer was not fetched yet.
type cursors struct {
	mu   sync.Mutex
	last int64
	open map[int64]*cursor
}

type cursor struct {
	namespace string
	rest      []bson.D
}

const (
	firstBatch = 101     // as the server's
	batchBytes = 8 << 20 // far below what a message holds
)

// batch takes the next documents of a list: so many, or as many as a message holds.
func batch(list []bson.D, size int) (bson.A, []bson.D) {
	out := bson.A{}
	bytes := 0
	for len(list) > 0 && len(out) < size && bytes < batchBytes {
		raw, err := bson.Marshal(list[0])
		if err != nil {
			panic(err)
		}
		out = append(out, bson.Raw(raw))
		bytes += len(raw)
		list = list[1:]
	}
	return out, list
}

// cursor answers the first documents of a list, and keeps the rest.
func (s *server) cursor(r *request, namespace string, list []bson.D) (bson.D, error) {
	size := r.field("batchSize")
	if options := r.document("cursor"); options != nil {
		size = value(options, "batchSize")
	}
	wanted := firstBatch
	if size != nil {
		wanted = int(integer(size))
	}
	first, rest := batch(list, wanted)
	var id int64
	if (len(rest) > 0 || wanted == 0 && size != nil) && !truth(r.field("singleBatch")) {
		s.cursors.mu.Lock()
		defer s.cursors.mu.Unlock()
		if s.cursors.open == nil {
			s.cursors.open = map[int64]*cursor{}
		}
		s.cursors.last++
		id = s.cursors.last
		s.cursors.open[id] = &cursor{namespace: namespace, rest: rest}
	}
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "firstBatch", Value: first}, {Key: "id", Value: id}, {Key: "ns", Value: namespace}}}}, nil
}

func (s *server) getMore(r *request) (bson.D, error) {
	s.cursors.mu.Lock()
	defer s.cursors.mu.Unlock()
	id := integer(r.field("getMore"))
	c := s.cursors.open[id]
	if c == nil {
		return nil, &fault{code: 43, name: "CursorNotFound", text: "cursor id not found"}
	}
	size := math.MaxInt
	if wanted := integer(r.field("batchSize")); wanted > 0 {
		size = int(wanted)
	}
	next, rest := batch(c.rest, size)
	c.rest = rest
	if len(rest) == 0 {
		delete(s.cursors.open, id)
		id = 0
	}
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "nextBatch", Value: next}, {Key: "id", Value: id}, {Key: "ns", Value: c.namespace}}}}, nil
}

func (s *server) killCursors(r *request) (bson.D, error) {
	s.cursors.mu.Lock()
	defer s.cursors.mu.Unlock()
	killed, missing := bson.A{}, bson.A{}
	ids, _ := r.field("cursors").(bson.A)
	for _, id := range ids {
		if _, open := s.cursors.open[integer(id)]; open {
			killed = append(killed, id)
		} else {
			missing = append(missing, id)
		}
		delete(s.cursors.open, integer(id))
	}
	return bson.D{{Key: "cursorsKilled", Value: killed}, {Key: "cursorsNotFound", Value: missing}, {Key: "cursorsAlive", Value: bson.A{}}, {Key: "cursorsUnknown", Value: bson.A{}}}, nil
}

// query reads what a command asks for.
func (r *request) query(filter string) (query, error) {
	f, err := r.filter(filter)
	if err != nil {
		return query{}, err
	}
	limit := integer(r.field("limit"))
	if limit < 0 {
		limit = -limit
	}
	return query{
		filter: f, sort: r.document("sort"), skip: int(integer(r.field("skip"))), limit: int(limit),
		hint: r.field("hint"), deadline: r.deadline,
	}, nil
}

// found answers the records of a query; none where the collection is not there.
func (s *server) found(namespace string, q query) ([]*record, error) {
	c := s.collection(namespace)
	if c == nil {
		c = newCollection(namespace, func(change) {})
		q.hint = nil
	}
	p, err := s.planned(c, q)
	if err != nil {
		return nil, err
	}
	return c.find(q, p)
}

func (s *server) findCommand(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	q, err := r.query("filter")
	if err != nil {
		return nil, err
	}
	if truth(r.field("tailable")) {
		return nil, notSupported("tailable cursors")
	}
	records, err := s.found(namespace, q)
	if err != nil {
		return nil, err
	}
	documents, err := projected(records, r.document("projection"))
	if err != nil {
		return nil, err
	}
	return s.cursor(r, namespace, documents)
}

func projected(records []*record, projection bson.D) ([]bson.D, error) {
	documents := make([]bson.D, 0, len(records))
	for _, r := range records {
		doc, err := project(r.doc, projection)
		if err != nil {
			return nil, err
		}
		documents = append(documents, *doc)
	}
	return documents, nil
}

// project leaves of a document what a projection asks for.
func project(doc bsonkit.Doc, projection bson.D) (bsonkit.Doc, error) {
	if len(projection) == 0 {
		return doc, nil
	}
	if len(projection) == 1 && projection[0].Key == "_id" && truth(projection[0].Value) {
		return &bson.D{{Key: "_id", Value: bsonkit.Get(doc, "_id")}}, nil
	}
	return mongokit.Project(doc, &projection)
}

func (s *server) count(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	q, err := r.query("query")
	if err != nil {
		return nil, err
	}
	if c := s.collection(namespace); c != nil && len(q.filter) == 0 && q.skip == 0 && q.limit == 0 { // the server knows it, too
		return bson.D{{Key: "n", Value: int32(c.records.Len())}}, nil
	}
	records, err := s.found(namespace, q)
	return bson.D{{Key: "n", Value: int32(len(records))}}, err
}

func (s *server) distinct(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	q, err := r.query("query")
	if err != nil {
		return nil, err
	}
	path, _ := r.field("key").(string)
	records, err := s.found(namespace, q)
	if err != nil {
		return nil, err
	}
	var list bsonkit.List
	for _, r := range records {
		list = append(list, r.doc)
	}
	return bson.D{{Key: "values", Value: mongokit.Distinct(list, path)}}, nil
}

// explain tells which index a command would use.
func (s *server) explain(r *request) (bson.D, error) {
	body := r.document("explain")
	if len(body) == 0 {
		return nil, failedToParse("explain needs a command")
	}
	inner := &request{name: body[0].Key, body: body, database: r.database}
	namespace, err := inner.namespace()
	if err != nil {
		return nil, err
	}
	q, err := inner.explained()
	if err != nil {
		return nil, err
	}
	c := s.collection(namespace)
	if c == nil {
		return bson.D{{Key: "queryPlanner", Value: bson.D{{Key: "namespace", Value: namespace}, {Key: "winningPlan", Value: bson.D{{Key: "stage", Value: "EOF"}}}}}}, nil
	}
	p, err := c.plan(q)
	if err != nil {
		return nil, err
	}
	return bson.D{{Key: "queryPlanner", Value: bson.D{{Key: "namespace", Value: namespace}, {Key: "winningPlan", Value: p.stage()}}}}, nil
}

func (r *request) explained() (query, error) {
	first := func(list, filter string) (query, error) {
		parts, _ := r.field(list).(bson.A)
		if len(parts) == 0 {
			return query{}, failedToParse("%s is empty", list)
		}
		part, _ := parts[0].(bson.D)
		return (&request{body: part}).query(filter)
	}
	switch r.name {
	case "find":
		return r.query("filter")
	case "count", "distinct", "findAndModify", "findandmodify":
		return r.query("query")
	case "update":
		return first("updates", "q")
	case "delete":
		return first("deletes", "q")
	case "aggregate":
		stages, _ := r.field("pipeline").(bson.A)
		q, _, err := leading(stages)
		return q, err
	default:
		return query{}, notSupported("explain of %s", r.name)
	}
}
