package beside

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Mongo is a test server that speaks MongoDB's protocol.
type Mongo struct {
	Address string // without a database
	cmd     *exec.Cmd
}

// StartMongo builds tools/mongotest in a folder and starts it. It is run from the root of the project.
func StartMongo(ctx context.Context, dir string) (*Mongo, error) {
	program := filepath.Join(dir, "mongotest")
	build := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join("tools", "mongotest"), "-o", program, ".") //nolint:gosec // the folder is ours
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build tools/mongotest: %w\n%s", err, text)
	}
	m := &Mongo{cmd: exec.CommandContext(ctx, program, "-notablescan")} //nolint:gosec // we have just built it
	m.cmd.Stderr = os.Stderr
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !found {
		m.Stop()
		return nil, fmt.Errorf("mongotest said %q: %w", line, err)
	}
	m.Address = address
	return m, nil
}

// Stop ends it, and all that it holds is gone.
func (m *Mongo) Stop() {
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
}
