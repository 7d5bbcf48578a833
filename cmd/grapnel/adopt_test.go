package main_test

import (
	"bufio"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// startMongo starts a test server and answers its address, without a database.
func startMongo(t *testing.T) string {
	t.Helper()
	address, _ := runMongo(t)
	return address
}

// runMongo is startMongo with the process.
func runMongo(t *testing.T) (address string, server *os.Process) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mongotest")
	build := exec.Command("go", "build", "-C", filepath.Join("..", "..", "tools", "mongotest"), "-o", program, ".")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build tools/mongotest: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "-notablescan")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !found {
		t.Fatalf("mongotest said %q, %v", line, err)
	}
	return address, cmd.Process
}

// loadRocketChat fills a database as Rocket.Chat leaves one.
func loadRocketChat(t *testing.T, address string) *mongo.Database {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "store", "mongo", "testdata", "rocketchat.json"))
	if err != nil {
		t.Fatal(err)
	}
	var collections map[string][]bson.D
	if err := bson.UnmarshalExtJSON(text, false, &collections); err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(t.Context()) })
	db := client.Database("rocketchat")
	for name, docs := range collections {
		if _, err := db.Collection(name).InsertMany(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// sizes are how many documents each collection holds.
func sizes(t *testing.T, db *mongo.Database) map[string]int64 {
	t.Helper()
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, name := range names {
		if all[name], err = db.Collection(name).EstimatedDocumentCount(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestTakesARocketChatOver(t *testing.T) {
	server := startMongo(t)
	db := loadRocketChat(t, server)
	address := server + "/rocketchat"
	before := sizes(t, db)

	inspect := exec.CommandContext(t.Context(), binary, "inspect", "--mongo-url", address)
	told, err := inspect.CombinedOutput()
	if err != nil {
		t.Fatalf("inspect: %v\n%s", err, told)
	}
	for _, want := range []string{
		"is a Rocket.Chat's that Grapnel has not adopted", "3 users, 1 of them administrators, 1 with a password", "1 logins and 1 personal access tokens",
		"2 incoming and 1 outgoing integrations, 2 of them enabled", "Rocket.Chat must be stopped", "1 of its servers have signed in, with a last sign of life at 2025-05-06T07:08:10Z", "users: the member grapnel of 3 documents", "rocketchat_roles: new documents",
	} {
		if !strings.Contains(string(told), want) {
			t.Errorf("inspect does not say %q:\n%s", want, told)
		}
	}
	environment := []string{"MONGO_URL=" + address, "PORT=0", "BIND_IP=127.0.0.1"}
	if complaint := rejected(t, environment, "serve"); !strings.Contains(complaint, "--adopt") {
		t.Errorf("serve without --adopt says %q", complaint)
	}
	if after := sizes(t, db); !maps.Equal(before, after) {
		t.Errorf("what was only looked at was %v and is %v", before, after)
	}

	p := serve(t, t.TempDir(), "MONGO_URL="+address, "ADOPT=true")
	if !strings.HasPrefix(p.printed, string(told)) {
		t.Errorf("--adopt tells something else than inspect:\n%s", p.printed)
	}
	after := sizes(t, db)
	for _, name := range []string{"users", "rocketchat_room", "rocketchat_integration_history", "rocketchat_integrations", "rocketchat_message"} {
		if before[name] != after[name] {
			t.Errorf("%s has %d documents, and had %d", name, after[name], before[name])
		}
	}
	checkTakenOver(t, p)
	if code := p.stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	again := serve(t, t.TempDir(), "MONGO_URL="+address, "ADOPT=true")
	if strings.Contains(again.printed, "Rocket.Chat") {
		t.Errorf("the second start says %s", again.printed)
	}
	again.stop()
	checkAfterReturn(t, db, environment, address)
}

// checkAfterReturn lets Rocket.Chat add a user, as somebody went back to it, and adopts that, too.
func checkAfterReturn(t *testing.T, db *mongo.Database, environment []string, address string) {
	t.Helper()
	if _, err := db.Collection("users").InsertOne(t.Context(), bson.M{"_id": "new", "username": "Charles", "active": true, "roles": []string{"user"}}); err != nil {
		t.Fatal(err)
	}
	if complaint := rejected(t, environment, "serve"); !strings.Contains(complaint, "--adopt") {
		t.Errorf("serve without --adopt says %q", complaint)
	}
	p := serve(t, t.TempDir(), "MONGO_URL="+address, "ADOPT=true")
	for _, want := range []string{"A Rocket.Chat has served it since", "users: the member grapnel of 1 documents", "Adopted."} {
		if !strings.Contains(p.printed, want) {
			t.Errorf("--adopt does not say %q:\n%s", want, p.printed)
		}
	}
	checkTakenOver(t, p)
}

// checkTakenOver uses what Rocket.Chat has made.
func checkTakenOver(t *testing.T, p *process) {
	t.Helper()
	for _, token := range []string{"login-token-of-ada-made-by-rocket-chat-0001", "personal-token-of-ada-made-by-rocket-chat-1"} {
		p.admin = map[string]string{"X-User-Id": "aB3dE5gH7jK9mN1pQ", "X-Auth-Token": token}
		if got := p.api("GET", "/api/v1/me", nil); got.status != http.StatusOK || !strings.Contains(got.body, `"username":"Ada"`) {
			t.Errorf("me with %s = %d %s", token, got.status, got.body)
		}
	}
	if got := p.api("GET", "/api/v1/integrations.list", nil); got.find(t, "integrations", "_id") == "" {
		t.Errorf("integrations.list = %d %s", got.status, got.body)
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	if got := p.do("POST", "/api/v1/login", "user=ada&password=correct+horse", form); got.status != http.StatusOK {
		t.Errorf("login by an old password = %d %s", got.status, got.body)
	}
	hook := "/hooks/inC0m1ng/tokenOfAnIncomingHookOfRocketChat"
	if got := p.do("POST", hook, `{"n":7}`, map[string]string{"Content-Type": "application/json"}); got.status != http.StatusOK {
		t.Errorf("an old hook = %d %s", got.status, got.body)
	}
	if texts := p.messages(); !slices.Contains(texts, "built 7") || !slices.Contains(texts, "hello from before") {
		t.Errorf("messages %q", texts)
	}
}
