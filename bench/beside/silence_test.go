package beside

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSilence(t *testing.T) {
	s := Silence{Enough: 5 * time.Second, Missing: time.Minute}
	tests := []struct {
		name     string
		arrivals []time.Duration // after the beginning
		want     int
		least    time.Duration
	}{
		{"all are there already", nil, 0, 5 * time.Second},
		{"all come", []time.Duration{time.Second, 2 * time.Second}, 2, 7 * time.Second},
		{"a repeat comes late", []time.Duration{time.Second, 5 * time.Second}, 1, 10 * time.Second},
		{"one is missing", []time.Duration{time.Second}, 2, 61 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				count := func() (n int, last time.Time) {
					for _, after := range tt.arrivals {
						if at := began.Add(after); !at.After(time.Now()) {
							n, last = n+1, at
						}
					}
					return n, last
				}
				err := s.Wait(t.Context(), tt.want, count)
				if took := time.Since(began); err != nil || took < tt.least || took > tt.least+time.Second {
					t.Errorf("waited %v, %v, want %v", took, err, tt.least)
				}
			})
		})
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.Wait(ended, 1, func() (int, time.Time) { return 0, time.Time{} }); err == nil {
		t.Error("waited well although it was told to stop")
	}
}
