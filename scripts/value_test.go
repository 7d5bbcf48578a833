package scripts

import (
	"testing"
	"os"
	"github.com/dop251/goja"
)

func BenchmarkBuild(b *testing.B) {
	text, err := os.ReadFile("testdata/github-push.json")
	if err != nil {
		b.Fatal(err)
	}
	r := newRealm("", "", DefaultLimits(), &names{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.builder.build(text); err != nil {
			b.Fatal(err)
		}
	}
}
var _ goja.Value
