package mongo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// server is the server under test: that of MONGO_TEST_URL, or one of tools/mongotest.
var server struct {
	address string // without a database
	real    bool
	stop    func()
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	server.stop = func() {}
	if address := os.Getenv("MONGO_TEST_URL"); address != "" {
		server.address, server.real = address, true
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "mongotest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "mongotest")
	build := exec.Command("go", "build", "-C", filepath.Join("..", "..", "tools", "mongotest"), "-o", program, ".")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build tools/mongotest: %v\n%s", err, out)
		return 1
	}
	address, stop, err := start(program)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	server.address = address
	defer stop()
	return m.Run()
}

// start starts a test server that refuses queries without an index.
func start(program string, args ...string) (address string, stop func(), err error) {
	cmd := exec.Command(program, append([]string{"-notablescan"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	line, err := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !found {
		stop()
		return "", nil, fmt.Errorf("mongotest said %q: %w", line, err)
	}
	return address, stop, nil
}

var databases struct {
	sync.Mutex
	n int
}

// newDatabase is the address of a database that nobody uses. It is removed after the test.
func newDatabase(t testing.TB) string {
	t.Helper()
	databases.Lock()
	databases.n++
	name := fmt.Sprintf("grapnel_test_%d_%d", os.Getpid(), databases.n)
	databases.Unlock()
	base, query, _ := strings.Cut(server.address, "?")
	scheme, rest, _ := strings.Cut(base, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	address := scheme + "://" + hosts + "/" + name
	if query != "" {
		address += "?" + query
	}
	t.Cleanup(func() { dropDatabase(t, address) })
	return address
}

func dropDatabase(t testing.TB, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(address))
	if err != nil {
		t.Fatal(err)
	}
	name, _ := databaseName(address)
	if err := errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx)); err != nil {
		t.Errorf("drop the database: %v", err)
	}
}

// openAt opens a store that is closed after the test.
func openAt(t testing.TB, address string, more func(*options.ClientOptions)) *Store {
	t.Helper()
	s, err := open(t.Context(), address, more)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) { // some tests cut it off
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func plain(*options.ClientOptions) {}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, newDatabase(t), plain) })
}

// all answers the documents of a collection.
func all(t *testing.T, s *Store, collection string) []bson.M {
	t.Helper()
	docs, err := readAll[bson.M](t.Context(), s.in(collection), bson.D{}, options.Find().SetHint(byID))
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
