package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// siege is a server under attack, and its good hooks.
type siege struct {
	server *beside.Process
	admin  beside.Admin
	good   []beside.Target
	files  []string
	dir    string // on the disk that the server uses
}

// outcome is what became of a hostile script.
type outcome struct {
	name       string
	status     int    // of the call to its hook
	text       string // why it failed, or the beginning of what it answered
	save, call time.Duration
	worker     int64 // the most that a worker held which lived during the script's time
	server     int64 // the most that the server itself held in that time
	unclear    error // what is wrong with the answer
}

// phase is what was seen of the good calls and of the disk in a while.
type phase struct {
	calls, flushes beside.Sample
	failures       []beside.Failure
}

// measure calls the good hooks at a steady rate for as long as f runs.
func (s siege) measure(ctx context.Context, o options, f func(context.Context)) (p phase, err error) {
	steadily, stop := context.WithCancel(ctx)
	go func() {
		defer stop()
		f(ctx)
	}()
	p.flushes, err = flushing(ctx, s.dir, func() {
		p.calls, p.failures = beside.Steady(steadily, s.good, beside.Steadiness{PerSecond: o.rate, Connections: 32})
	})
	if ctx.Err() != nil {
		return p, ctx.Err()
	}
	return p, err
}

// and is what was seen in two of them.
func (p phase) and(other phase) phase {
	return phase{together(p.calls, other.calls), together(p.flushes, other.flushes), slices.Concat(p.failures, other.failures)}
}

func together(a, b beside.Sample) beside.Sample {
	times := slices.Concat(a.Times, b.Times)
	slices.Sort(times)
	return beside.Sample{Requests: a.Requests + b.Requests, Elapsed: a.Elapsed + b.Elapsed, Times: times}
}

// attackAll runs every script and shows each as it ends.
func (s siege) attackAll(ctx context.Context, atATime int, show func(outcome)) []outcome {
	peaks := &peaks{}
	watched, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { peaks.watch(watched, s.server) })
	defer watching.Wait()
	defer stop()

	var running sync.WaitGroup
	var showing sync.Mutex
	var all []outcome
	free := make(chan struct{}, atATime)
	for _, file := range s.files {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return all
		}
		running.Go(func() {
			defer func() { <-free }()
			began := time.Now()
			o := s.attackOne(ctx, file)
			o.worker, o.server = peaks.since(began)
			showing.Lock()
			defer showing.Unlock()
			all = append(all, o)
			show(o)
		})
	}
	running.Wait()
	return all
}

// newcomers are well-behaved hooks that are made while the server is under attack.
type newcomers struct {
	saves, calls []time.Duration // ascending
	failures     []error
}

// welcome makes one hook after the other and calls each once, until ctx ends.
func (s siege) welcome(ctx context.Context) (n newcomers) {
	for i := 1; ctx.Err() == nil; i++ {
		began := time.Now()
		hook, err := s.admin.Incoming(context.WithoutCancel(ctx), fmt.Sprintf("newcomer %d", i), beside.PushScript)
		n.saves = append(n.saves, time.Since(began))
		var a answer
		if err == nil {
			began = time.Now()
			a, err = s.callHook(context.WithoutCancel(ctx), hook)
			n.calls = append(n.calls, time.Since(began))
		}
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("status %d: %.200s", a.status, a.text)
		}
		if err != nil {
			n.failures = append(n.failures, fmt.Errorf("newcomer %d: %w", i, err))
		}
		beside.Pause(ctx, time.Second)
	}
	slices.Sort(n.saves)
	slices.Sort(n.calls)
	return n
}

// attackOne saves a script and calls its hook.
func (s siege) attackOne(ctx context.Context, file string) outcome {
	o := outcome{name: strings.TrimSuffix(filepath.Base(file), ".js")}
	source, err := os.ReadFile(file) //nolint:gosec // the folder is the caller's
	if err != nil {
		o.unclear = err
		return o
	}
	begin := time.Now()
	hook, err := s.admin.Incoming(ctx, o.name, string(source))
	o.save = time.Since(begin)
	if err != nil {
		o.unclear = fmt.Errorf("save: %w", err)
		return o
	}
	answer, took, err := s.insist(ctx, hook)
	o.call = took
	if err != nil {
		o.unclear = err
		return o
	}
	o.status, o.text = answer.status, answer.text
	why, err := s.admin.LastError(ctx, hook)
	if why == "" {
		why = hook.ScriptError
	}
	if o.status != http.StatusOK && why != "" {
		o.text = why
	}
	o.unclear = errors.Join(err, o.judge(answer))
	return o
}

// insist calls the hook until its script was run: the server may be too busy with the others. The
// time is the last call's.
func (s siege) insist(ctx context.Context, hook beside.Hook) (a answer, took time.Duration, err error) {
	const tries = 10
	for range tries {
		begin := time.Now()
		a, err = s.callHook(ctx, hook)
		took = time.Since(begin)
		if err != nil || a.status != http.StatusServiceUnavailable || a.retryAfter == "" {
			break
		}
		beside.Pause(ctx, time.Second)
	}
	return a, took, err
}

// judge says what is unclear about an answer. A script that found nothing to break may succeed; one
// that was never run proves nothing.
func (o outcome) judge(a answer) error {
	switch {
	case o.save > answering || o.call > answering:
		return fmt.Errorf("not within %v", answering)
	case a.status == http.StatusOK && a.isJSON:
		return nil
	case a.status == http.StatusBadRequest && a.isJSON && o.text != "":
		return nil
	}
	return fmt.Errorf("status %d, Retry-After %q, %.100s", a.status, a.retryAfter, a.text)
}

// answer is what a hook said.
type answer struct {
	status           int
	text, retryAfter string
	isJSON           bool
}

var client = &http.Client{Timeout: time.Minute}

func (s siege) callHook(ctx context.Context, hook beside.Hook) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.server.Addr+hook.Path(), bytes.NewReader(beside.PushWithText()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", "push")
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 2<<20))
	return answer{
		status: resp.StatusCode, text: string(body), retryAfter: resp.Header.Get("Retry-After"), isJSON: json.Valid(body),
	}, err
}

// peaks are the sizes of the server and its workers as seen from outside, by moment.
type peaks struct {
	mu   sync.Mutex
	seen []moment
}

type moment struct {
	at              time.Time
	largest, server int64
}

// watch looks every ten milliseconds. A worker that is gone by then shows what it held before. It does
// so on a thread of the lowest priority, which ends with it: a look takes a millisecond or two, and
// must not be what the good calls wait for.
func (p *peaks) watch(ctx context.Context, server *beside.Process) {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for ctx.Err() == nil {
		p.look(server)
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
}

func (p *peaks) look(server *beside.Process) {
	workers, err := server.Workers()
	if err != nil {
		return
	}
	itself, err := beside.SizeOf(server.PID())
	if err != nil {
		return
	}
	var largest int64
	for _, w := range workers {
		largest = max(largest, w.Peak)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, moment{time.Now(), largest, itself.Now})
}

func (p *peaks) since(t time.Time) (worker, server int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.seen) - 1; i >= 0 && p.seen[i].at.After(t); i-- {
		worker, server = max(worker, p.seen[i].largest), max(server, p.seen[i].server)
	}
	return worker, server
}
