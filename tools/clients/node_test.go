package clients_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestNodeAPIClient runs api-client.mjs, with Rocket.Chat's own client of its REST API, where
// NODE_CLIENTS says that its packages are installed.
func TestNodeAPIClient(t *testing.T) {
	const name = "@rocket.chat/api-client"
	folder := os.Getenv("NODE_CLIENTS")
	if folder == "" {
		fmt.Fprintf(os.Stdout, "SKIP %s – there is no Node with npm here\n", name)
		t.Skip("NODE_CLIENTS is not set")
	}
	s := start(t)
	s.checks(name, "login and logout, rooms, messages, an upload and its download, an integration from its making to its end")
	s.impersonating("admin")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "api-client.mjs", s.url.String(), adminPassword)
	node.Dir = folder
	if out, err := node.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
