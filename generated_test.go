package grapnel_test

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the pages that are made from the code, in place of comparing them")

// wantPage compares a page with what the code says it should be, or writes it.
func wantPage(t *testing.T, page, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the code says: run `go test . -update` and look at the difference", page)
	}
}
