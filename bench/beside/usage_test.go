package beside

import (
	"math"
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const text = "4242 (a (b) c) S 17 4242 4242 0 -1 4194560 99 0 0 0 150 25 7 3 20 0 1 0 76592 3133440 357\n"
	got, err := parseStat(text)
	want := stat{parent: 17, own: 1750 * time.Millisecond, ended: 100 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("parseStat = %+v, %v, want %+v", got, err, want)
	}
	if _, err := parseStat("4242 (short) S 17"); err == nil {
		t.Error("took a short line")
	}
}

func TestParsePSS(t *testing.T) {
	got, err := parsePSS([]byte("560d3df3e000-7ffe3dc2b000 ---p 00000000 00:00 0   [rollup]\nRss:   1788 kB\nPss:    441 kB\nPss_Dirty: 112 kB\n"))
	if err != nil || got != 441<<10 {
		t.Errorf("parsePSS = %d, %v", got, err)
	}
	if _, err := parsePSS(nil); err == nil {
		t.Error("took nothing")
	}
}

func TestMetric(t *testing.T) {
	text := []byte("# HELP x_total y\nx_total_more 1\nx_total 1.5e+06\n")
	if got := metric(text, "x_total"); got != 1.5e6 {
		t.Errorf("metric = %v", got)
	}
	if got := metric(text, "y_total"); !math.IsNaN(got) {
		t.Errorf("a metric that is not there = %v", got)
	}
}

func TestReadsItself(t *testing.T) {
	s, err := readStat(os.Getpid())
	if err != nil {
		t.Skip("no /proc here:", err)
	}
	if s.parent != os.Getppid() {
		t.Errorf("parent %d, want %d", s.parent, os.Getppid())
	}
	if size, err := pss(os.Getpid()); err != nil || size < 1<<20 {
		t.Errorf("pss = %d, %v", size, err)
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus([]byte("Name:\tx\nPPid:\t7\nVmPeak:\t  99 kB\nVmHWM:\t   12 kB\nVmRSS:\t    9 kB\n"))
	if err != nil || got != (Size{Now: 9 << 10, Peak: 12 << 10, parent: 7}) {
		t.Errorf("parseStatus = %+v, %v", got, err)
	}
	if _, err := parseStatus([]byte("State:\tZ (zombie)\nPPid:\t7\n")); err == nil {
		t.Error("took nothing")
	}
	if own, err := SizeOf(os.Getpid()); err == nil && (own.parent != os.Getppid() || own.Peak < 1<<20) {
		t.Errorf("SizeOf = %+v", own)
	}
}
