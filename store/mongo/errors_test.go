package mongo

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/grapnel-chat/grapnel/workspace"
)

// TestRefusals holds what an answer of the server's is for a caller.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name string
		code int32
		want error
	}{
		{"the primary steps down", 189, workspace.ErrUnavailable},
		{"no primary any more", 10107, workspace.ErrUnavailable},
		{"a list is gone with the primary that held it", 43, workspace.ErrUnavailable},
		{"no member to read from", 133, workspace.ErrUnavailable},
		{"what most members have is not known yet", 134, workspace.ErrUnavailable},
		{"disk full", 14031, workspace.ErrFull},
		{"there already", 11000, workspace.ErrConflict},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := failed(t.Context(), "test", mongo.CommandError{Code: tt.code}); !errors.Is(err, tt.want) {
				t.Errorf("code %d is %v, want %v", tt.code, err, tt.want)
			}
		})
	}
	odd := failed(t.Context(), "test", mongo.CommandError{Code: 2})
	for _, other := range []error{workspace.ErrUnavailable, workspace.ErrFull, workspace.ErrConflict, workspace.ErrNotFound} {
		if errors.Is(odd, other) {
			t.Errorf("a command that the server does not understand is %v", odd)
		}
	}
}
