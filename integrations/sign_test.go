package integrations_test

import (
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestSign pins signatures: receivers check them with secrets that they were given long ago. The values
// were computed with openssl from the rules of Standard Webhooks.
func TestSign(t *testing.T) {
	const (
		first  = "v1,cCeiHIzfA834cFcYE6r5MDySkAu3cDLRkwNLo30smq8="
		second = "v1,tO4kwqBxr9wD0HWuUEhkRrIUGnfL799/blY2o5+kE5w="
	)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	tests := []struct {
		name    string
		signing integrations.Signing
		want    string
	}{
		{"never rotated", integrations.Signing{}, first},
		{"just rotated", integrations.Signing{Generation: 1, OldUntil: at.Add(time.Second)}, second + " " + first},
		{"rotated long ago", integrations.Signing{Generation: 1, OldUntil: at}, second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newIndex(t)
			x.PutOptions(integrations.Options{IntegrationID: "i1", Signing: tt.signing})
			s := integrations.New(integrations.Config{Index: x, SigningKey: []byte("key of the server")})
			if got := s.Sign(integrations.Delivery{ID: "d1", IntegrationID: "i1"}, at, []byte(`{"text":"hi"}`)); got != tt.want {
				t.Errorf("Sign = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNoKeySignsNothing(t *testing.T) {
	s := integrations.New(integrations.Config{Index: newIndex(t)})
	if got := s.Sign(integrations.Delivery{ID: "d1", IntegrationID: "i1"}, time.Unix(1, 0), nil); got != "" {
		t.Errorf("Sign = %s, want nothing", got)
	}
}
