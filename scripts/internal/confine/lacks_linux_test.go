package confine

import (
	"errors"
	"slices"
	"testing"
)

func TestLacking(t *testing.T) {
	no := errors.New("no")
	tests := []struct {
		name          string
		landlock      int
		files, filter error
		want          []string
	}{
		{"a kernel of today", 7, nil, nil, nil},
		{"no Landlock", 0, no, nil, []string{"Landlock"}},
		{"Landlock without TCP, and a filter that forbids sockets", 2, nil, nil, nil},
		{"Landlock without TCP", 2, nil, no, []string{"Landlock for TCP", "seccomp"}},
		{"no filter", 4, nil, no, []string{"seccomp"}},
		{"Landlock refused", 7, no, nil, []string{"Landlock"}},
		{"nothing", 0, no, no, []string{"Landlock", "seccomp"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lacking(tt.landlock, tt.files, tt.filter); !slices.Equal(got, tt.want) {
				t.Errorf("lacking(%d, %v, %v) = %v, want %v", tt.landlock, tt.files, tt.filter, got, tt.want)
			}
		})
	}
}
