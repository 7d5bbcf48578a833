package scripts_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// pushCall is a GitHub push of 7 KB with a script of 2 KB that makes a message of it.
func pushCall(b *testing.B, p *scripts.Pool) integrations.ScriptCall {
	b.Helper()
	return integrations.ScriptCall{
		Owner:    "bench",
		Version:  "1",
		Compiled: compiled(b, p, string(readFile(b, "testdata", "push.js"))),
		Method:   integrations.ProcessIncomingRequest,
		Argument: []byte(`{"request":{"url":{"hash":null,"search":"","query":{},"pathname":"/hooks/a/b","path":"/hooks/a/b"},` +
			`"url_raw":"/hooks/a/b","url_params":{"integrationId":"a","token":"b"},` +
			`"headers":{"host":"chat.example","content-type":"application/json","x-github-event":"push","user-agent":"GitHub-Hookshot/1"},` +
			`"user":{"_id":"u","name":"Rocket.Cat","username":"rocket.cat"}}}`),
		Content: readFile(b, "testdata", "github-push.json"),
	}
}

// mustRun answers how long the worker took.
func mustRun(b *testing.B, p *scripts.Pool, call integrations.ScriptCall) time.Duration {
	b.Helper()
	result, err := p.Run(context.Background(), call)
	if err != nil || len(result.Value) < 100 {
		b.Fatalf("Run = %s, %v", result.Value, err)
	}
	return result.Took
}

// BenchmarkWarmCall is one call after the other. Beyond the run itself, which is shown beside it, the
// worker is woken for each: on an idle machine that depends on how deeply its processors sleep.
func BenchmarkWarmCall(b *testing.B) {
	p := startPool(b)
	call := pushCall(b, p)
	mustRun(b, p, call)
	b.ReportAllocs()
	var took time.Duration
	for b.Loop() {
		took += mustRun(b, p, call)
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "run-ns/op")
}

// BenchmarkWarmCallParallel keeps all workers busy, each with several owners.
func BenchmarkWarmCallParallel(b *testing.B) {
	p := startPool(b)
	call := pushCall(b, p)
	next := make(chan string, 100)
	for i := range cap(next) {
		next <- strconv.Itoa(i)
	}
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		call := call
		call.Owner = <-next
		for pb.Next() {
			mustRun(b, p, call)
		}
	})
}

// BenchmarkStateless keeps all workers busy with the calls of one owner, whose script keeps nothing.
func BenchmarkStateless(b *testing.B) {
	p := startPool(b)
	call := pushCall(b, p)
	call.Compiled = stateless(call.Compiled)
	mustRun(b, p, call)
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mustRun(b, p, call)
		}
	})
}

// BenchmarkEmptyStateless is what the pool and the pipe cost under load, by themselves.
func BenchmarkEmptyStateless(b *testing.B) {
	p := startPool(b)
	call := integrations.ScriptCall{
		Owner: "bench", Compiled: stateless(compiled(b, p, "class Script {}")),
		Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
	}
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Run(context.Background(), call); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkFirstCall loads the script anew each time, in a worker that runs already.
func BenchmarkFirstCall(b *testing.B) {
	p := startPool(b)
	call := pushCall(b, p)
	for i := 0; b.Loop(); i++ {
		call.Version = strconv.Itoa(i)
		mustRun(b, p, call)
	}
}

// BenchmarkEmptyCall is what the pool and the pipe cost by themselves.
func BenchmarkEmptyCall(b *testing.B) {
	p := startPool(b)
	call := integrations.ScriptCall{
		Owner: "bench", Compiled: compiled(b, p, "class Script {}"),
		Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
	}
	for b.Loop() {
		if _, err := p.Run(context.Background(), call); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	p := startPool(b)
	source := integrations.ScriptSource{Text: string(readFile(b, "testdata", "push.js"))}
	for b.Loop() {
		if _, err := p.Compile(context.Background(), source); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWorkerStart is from nothing to a worker that is ready, and its end.
func BenchmarkWorkerStart(b *testing.B) {
	var start time.Duration
	for b.Loop() {
		p := scripts.NewPool(scripts.Config{Command: []string{worker}})
		begin := time.Now()
		if err := p.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		start += time.Since(begin)
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(start.Microseconds())/float64(b.N), "µs-to-ready")
}
