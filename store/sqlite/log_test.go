package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
)

func TestLog(t *testing.T) {
	storetest.RunExchanges(t, func(t *testing.T) integrations.ExchangeStore { return openTestLog(t, t.TempDir()) })
}

// openTestLog opens a log that is closed with the test.
func openTestLog(t *testing.T, dir string) *Log {
	t.Helper()
	l, err := OpenLog(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

func added(t *testing.T, l *Log, n int, kept integrations.ExchangesKept) {
	t.Helper()
	e := storetest.Exchange(n, "a")
	err := l.AddExchanges(t.Context(), []integrations.ExchangeBatch{{IntegrationID: "a", Kept: kept, Exchanges: []integrations.Exchange{e}}})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, l *Log) int {
	t.Helper()
	list, err := l.Exchanges(t.Context(), integrations.ExchangeFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestLogStaysBounded opens the log again in between: what is kept counts what was there before.
func TestLogStaysBounded(t *testing.T) {
	dir := t.TempDir()
	for run := range 3 {
		l, err := OpenLog(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 10 {
			added(t, l, run*10+n, integrations.ExchangesKept{Entries: 12})
		}
		if got, want := count(t, l), min(12, run*10+10); got != want {
			t.Errorf("run %d: %d exchanges, want %d", run, got, want)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamagedLogIsPutAside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, logName)
	if err := os.WriteFile(path, []byte("this is no database, and was never one, whatever its name says"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := openTestLog(t, dir)
	added(t, l, 1, integrations.ExchangesKept{})
	if got := count(t, l); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
	if kept, err := os.ReadFile(path + ".damaged"); err != nil || len(kept) < 20 {
		t.Errorf("what was put aside: %q, %v", kept, err)
	}
}

func TestDamagedBlock(t *testing.T) {
	b := &block{}
	e := storetest.Exchange(1, "a")
	b.add(&e)
	for n := range b.heads {
		_ = eachHead(b.heads[:n], "a", func(integrations.Exchange, place) {}) // must not panic
	}
	for n := 1; n < len(b.details); n++ {
		if _, err := readDetail(b.details[:n]); err == nil {
			t.Errorf("a detail that was cut at byte %d of %d was read", n, len(b.details))
		}
	}
}
