package thirdparty_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	thirdparty "github.com/grapnel-chat/grapnel/third_party"
)

// TestFilesAreTheReleased holds that every file is what SHA256SUMS says, that there is no other,
// and that each library comes with its licence.
func TestFilesAreTheReleased(t *testing.T) {
	sums, err := os.ReadFile("SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = true
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != want {
			t.Errorf("%s has changed: its SHA-256 is %x, want %s", name, got, want)
		}
	}
	err = fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Dir(name) != "." {
			if !listed[name] {
				t.Errorf("SHA256SUMS does not list %s", name)
			}
			if !listed[path.Dir(name)+"/LICENSE"] {
				t.Errorf("%s comes without a licence", name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) < 4 {
		t.Fatalf("SHA256SUMS lists %d files: the test does not see them", len(listed))
	}
}

func TestVersions(t *testing.T) {
	for name, tt := range map[string]struct{ text, version string }{
		"lodash": {thirdparty.Lodash, `="4.17.21"`},
		"moment": {thirdparty.Moment, `version="2.30.1"`},
	} {
		if !strings.Contains(tt.text, tt.version) {
			t.Errorf("%s does not say %s", name, tt.version)
		}
	}
}
