package beside

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestAttempts(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for log, text := range map[string]string{
		first: `Grapnel listens at http://127.0.0.1:1
{"msg":"delivery attempted","delivery_id":"a","attempt":1}
{"msg":"another line","delivery_id":"b"}
{"msg":"delivery attempted","delivery_id":"a","attempt":2}
{"msg":"delivery attem`,
		second: `{"msg":"delivery attempted","delivery_id":"a","attempt":3}
{"msg":"delivery attempted","delivery_id":"c","attempt":1}
`,
	} {
		if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Attempts(first); err != nil || !maps.Equal(got, map[string]int{"a": 2}) {
		t.Errorf("Attempts(first) = %v, %v, want two of a", got, err)
	}
	if got, err := Attempts(first, second); err != nil || !maps.Equal(got, map[string]int{"a": 3, "c": 1}) {
		t.Errorf("Attempts of both = %v, %v, want three of a, one of c", got, err)
	}
	if _, err := Attempts(first, filepath.Join(dir, "none")); err == nil {
		t.Error("took a log that is not there")
	}
}
