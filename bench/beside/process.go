package beside

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Process is a server that runs beside us on a loopback port of its own.
type Process struct {
	Name string
	Addr string
	cmd  *exec.Cmd
	log  string        // the file that takes what it prints
	done chan struct{} // closed when it has ended
}

// Command says how to start a server: its arguments and environment may depend on its port.
type Command struct {
	Name, Path string
	Args, Env  func(port string) []string
	Dir        string // takes the log
}

// Start runs the server and waits until it is ready.
func Start(ctx context.Context, c Command) (*Process, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(c.Dir, c.Name+"-*.log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own copy
	p := &Process{Name: c.Name, Addr: "127.0.0.1:" + port, log: log.Name(), done: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, c.Path, c.Args(port)...) //nolint:gosec // the path is ours or the caller's
	p.cmd.Env = c.Env(port)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 10 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // why it ended is in its log
	}()
	if err := p.waitReady(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// freePort gives a port that nobody listens on. Somebody could take it before the server does;
// then the server says so.
func freePort(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", err
	}
	return port, l.Close()
}

func (p *Process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := p.Fetch(ctx, http.MethodGet, "/readyz", nil, nil); err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready:\n%s", p.Name, p.LastWords())
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %w\n%s", p.Name, ctx.Err(), p.LastWords())
		}
	}
}

// LastWords gives the end of what the server printed.
func (p *Process) LastWords() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// Stop ends the server and waits for it; after ten seconds it ends it the hard way.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(p.cmd.WaitDelay):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// Kill ends the server with SIGKILL, as a crash does, and waits for it.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Runs says whether the server has not ended yet.
func (p *Process) Runs() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Log is the file that takes what the server prints.
func (p *Process) Log() string { return p.log }

// plain is for the few requests that are not measured. It keeps no connection.
var plain = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}

// Fetch makes one unmeasured request and takes 200 only.
func (p *Process) Fetch(ctx context.Context, method, path string, header http.Header, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.Addr+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	resp, err := plain.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s: %.300s", method, path, resp.Status, answer)
	}
	return answer, nil
}
