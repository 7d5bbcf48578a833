package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// command is what one command does, and whether it writes.
type command struct {
	run    func(*server, *request) (bson.D, error)
	writes bool
}

var commands = map[string]command{
	"hello":    {run: (*server).hello},
	"isMaster": {run: (*server).hello},
	"ismaster": {run: (*server).hello},

	"ping":               {run: nothing},
	"endSessions":        {run: nothing},
	"buildInfo":          {run: buildInfo},
	"buildinfo":          {run: buildInfo},
	"configureFailPoint": {run: (*server).configureFailPoint, writes: true},
	"mongotestRefuse":    {run: (*server).refuseFor},

	"find":        {run: (*server).findCommand},
	"getMore":     {run: (*server).getMore},
	"killCursors": {run: (*server).killCursors},
	"aggregate":   {run: (*server).aggregate},
	"count":       {run: (*server).count},
	"distinct":    {run: (*server).distinct},
	"explain":     {run: (*server).explain},

	"insert":        {run: (*server).insert, writes: true},
	"update":        {run: (*server).update, writes: true},
	"delete":        {run: (*server).delete, writes: true},
	"findAndModify": {run: (*server).findAndModify, writes: true},
	"findandmodify": {run: (*server).findAndModify, writes: true},

	"create":          {run: (*server).create, writes: true},
	"createIndexes":   {run: (*server).createIndexes, writes: true},
	"listIndexes":     {run: (*server).listIndexes},
	"dropIndexes":     {run: (*server).dropIndexes, writes: true},
	"listCollections": {run: (*server).listCollections},
	"listDatabases":   {run: (*server).listDatabases},
	"drop":            {run: (*server).drop, writes: true},
	"dropDatabase":    {run: (*server).dropDatabase, writes: true},

	"collMod":           refused("collMod"),
	"renameCollection":  refused("renameCollection"),
	"commitTransaction": refused("transactions"),
	"abortTransaction":  refused("transactions"),
	"mapReduce":         refused("mapReduce"),
	"bulkWrite":         refused("bulkWrite, the command of version 8"),
}

func refused(what string) command {
	return command{run: func(*server, *request) (bson.D, error) { return nil, notSupported("%s", what) }}
}

func nothing(*server, *request) (bson.D, error) { return bson.D{}, nil }

// hello tells drivers whom they talk to: the one member of a replica set, which they retry writes on.
func (s *server) hello(r *request) (bson.D, error) {
	d := bson.D{{Key: "isWritablePrimary", Value: true}, {Key: "ismaster", Value: true}, {Key: "helloOk", Value: true}}
	if !s.standalone {
		d = append(
			d, bson.E{Key: "setName", Value: "mongotest"}, bson.E{Key: "setVersion", Value: int32(1)}, bson.E{Key: "secondary", Value: false},
			bson.E{Key: "hosts", Value: bson.A{s.address}}, bson.E{Key: "primary", Value: s.address}, bson.E{Key: "me", Value: s.address},
		)
	}
	return append(
		d, bson.E{Key: "maxBsonObjectSize", Value: int32(maxDocument)}, bson.E{Key: "maxMessageSizeBytes", Value: int32(maxMessageSize)},
		bson.E{Key: "maxWriteBatchSize", Value: int32(100_000)}, bson.E{Key: "localTime", Value: primitive.NewDateTimeFromTime(time.Now())},
		bson.E{Key: "logicalSessionTimeoutMinutes", Value: int32(30)}, bson.E{Key: "connectionId", Value: int32(os.Getpid())},
		bson.E{Key: "minWireVersion", Value: int32(0)}, bson.E{Key: "maxWireVersion", Value: int32(21)}, bson.E{Key: "readOnly", Value: false},
	), nil
}

func buildInfo(*server, *request) (bson.D, error) {
	return bson.D{
		{Key: "version", Value: "7.0.0"},
		{Key: "versionArray", Value: bson.A{int32(7), int32(0), int32(0), int32(0)}},
		{Key: "modules", Value: bson.A{"mongotest"}},
		{Key: "bits", Value: int32(64)},
		{Key: "maxBsonObjectSize", Value: int32(maxDocument)},
	}, nil
}

// refuseFor closes all connections and refuses new ones for so many milliseconds.
func (s *server) refuseFor(r *request) (bson.D, error) {
	pause := time.Duration(integer(r.body[0].Value)) * time.Millisecond
	s.refuse(true)
	time.AfterFunc(pause, func() { s.refuse(false) })
	return bson.D{}, nil
}

func (s *server) create(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	for _, e := range r.body[1:] {
		switch e.Key {
		case "capped", "timeseries", "viewOn", "validator", "clusteredIndex", "collation":
			return nil, notSupported("create with %s", e.Key)
		}
	}
	if s.collection(namespace) != nil {
		return nil, &fault{code: 48, name: "NamespaceExists", text: "Collection " + namespace + " already exists."}
	}
	s.made(namespace)
	return bson.D{}, nil
}

func (s *server) createIndexes(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	created := s.collection(namespace) == nil
	c := s.made(namespace)
	before := len(c.indexes)
	specs, _ := r.field("indexes").(bson.A)
	for _, spec := range specs {
		d, _ := spec.(bson.D)
		if value(d, "name") == nil {
			key, _ := value(d, "key").(bson.D)
			d = append(d, bson.E{Key: "name", Value: generated(key)})
		}
		made, err := c.createIndex(d)
		if err != nil {
			return nil, err
		}
		if made {
			s.journal.noteIndex(namespace, d)
		}
	}
	out := bson.D{
		{Key: "numIndexesBefore", Value: int32(before)},
		{Key: "numIndexesAfter", Value: int32(len(c.indexes))},
		{Key: "createdCollectionAutomatically", Value: created},
	}
	if before == len(c.indexes) {
		out = append(out, bson.E{Key: "note", Value: "all indexes already exist"})
	}
	return out, nil
}

// createIndex makes an index unless the same is there already.
func (c *collection) createIndex(spec bson.D) (bool, error) {
	made, err := newIndex(spec)
	if err != nil {
		return false, err
	}
	for _, x := range c.indexes {
		if x.name == "_id_" && made.sameKey(x) {
			return false, nil
		}
		switch {
		case x.name == made.name && x.same(made):
			return false, nil
		case x.name == made.name:
			return false, &fault{code: 86, name: "IndexKeySpecsConflict", text: "An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: " + show(made.spec()) + ", existing index: " + show(x.spec())}
		case x.sameKey(made) && x.samePartial(made):
			return false, &fault{code: 85, name: "IndexOptionsConflict", text: "Index already exists with a different name: " + x.name}
		}
	}
	var failed error
	c.records.Scan(func(r *record) bool {
		key, err := made.taken(r.doc, nil)
		switch {
		case err != nil:
			failed = err
		case key != nil:
			failed = duplicate(c.namespace, made, key)
		default:
			failed = made.add(r)
		}
		return failed == nil
	})
	if failed == nil {
		c.indexes = append(c.indexes, made)
	}
	return failed == nil, failed
}

func (s *server) listIndexes(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	c := s.collection(namespace)
	if c == nil {
		return nil, namespaceNotFound(namespace)
	}
	var specs []bson.D
	for _, x := range c.indexes {
		specs = append(specs, x.spec())
	}
	return s.cursor(r, namespace, specs)
}

func namespaceNotFound(namespace string) error {
	return &fault{code: 26, name: "NamespaceNotFound", text: "ns does not exist: " + namespace}
}

func (s *server) dropIndexes(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	c := s.collection(namespace)
	if c == nil {
		return nil, namespaceNotFound(namespace)
	}
	before := len(c.indexes)
	var names []string
	switch wanted := r.field("index").(type) {
	case string:
		names = []string{wanted}
		if wanted == "*" {
			names = nil
			for _, x := range c.indexes[1:] {
				names = append(names, x.name)
			}
		}
	case bson.A:
		for _, name := range wanted {
			name, _ := name.(string)
			names = append(names, name)
		}
	case bson.D:
		for _, x := range c.indexes {
			if bsonkit.Compare(x.key, wanted) == 0 {
				names = append(names, x.name)
			}
		}
	}
	if len(names) == 0 && r.field("index") != "*" {
		return nil, &fault{code: 27, name: "IndexNotFound", text: "can't find index with key"}
	}
	for _, name := range names {
		if name == "_id_" {
			return nil, &fault{code: 72, name: "InvalidOptions", text: "cannot drop _id index"}
		}
		if !c.dropIndex(name) {
			return nil, &fault{code: 27, name: "IndexNotFound", text: "index not found with name [" + name + "]"}
		}
		s.journal.noteIndexDropped(namespace, name)
	}
	return bson.D{{Key: "nIndexesWas", Value: int32(before)}}, nil
}

func (c *collection) dropIndex(name string) bool {
	before := len(c.indexes)
	c.indexes = slices.DeleteFunc(c.indexes, func(x *index) bool { return x.name == name })
	return len(c.indexes) < before
}

func (s *server) listCollections(r *request) (bson.D, error) {
	filter, err := r.filter("filter")
	if err != nil {
		return nil, err
	}
	var listed []bson.D
	for _, name := range s.names(r.database) {
		d := bson.D{
			{Key: "name", Value: name},
			{Key: "type", Value: "collection"},
			{Key: "options", Value: bson.D{}},
			{Key: "info", Value: bson.D{{Key: "readOnly", Value: false}}},
			{Key: "idIndex", Value: s.collection(r.database + "." + name).indexes[0].spec()},
		}
		ok, err := mongokit.Match(&d, &filter)
		if err != nil {
			return nil, err
		}
		if ok {
			if truth(r.field("nameOnly")) {
				d = d[:2]
			}
			listed = append(listed, d)
		}
	}
	return s.cursor(r, r.database+".$cmd.listCollections", listed)
}

// names are those of a database's collections.
func (s *server) names(database string) []string {
	var names []string
	for namespace := range s.collections {
		if name, in := strings.CutPrefix(namespace, database+"."); in {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *server) listDatabases(*request) (bson.D, error) {
	var names []string
	for namespace := range s.collections {
		name, _, _ := strings.Cut(namespace, ".")
		names = append(names, name)
	}
	slices.Sort(names)
	databases := bson.A{}
	for _, name := range slices.Compact(names) {
		databases = append(databases, bson.D{{Key: "name", Value: name}, {Key: "sizeOnDisk", Value: int64(0)}, {Key: "empty", Value: false}})
	}
	return bson.D{{Key: "databases", Value: databases}, {Key: "totalSize", Value: int64(0)}}, nil
}

func (s *server) drop(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	if s.collection(namespace) != nil {
		delete(s.collections, namespace)
		s.journal.noteDropped(namespace)
	}
	return bson.D{{Key: "ns", Value: namespace}}, nil
}

func (s *server) dropDatabase(r *request) (bson.D, error) {
	for _, name := range s.names(r.database) {
		delete(s.collections, r.database+"."+name)
		s.journal.noteDropped(r.database + "." + name)
	}
	return bson.D{{Key: "dropped", Value: r.database}}, nil
}
