package api

import (
	"math"
	"strconv"
	"testing"
)

func TestInitialOf(t *testing.T) {
	for username, want := range map[string]string{
		"ada": "A", "rocket.cat": "R", "@bob": "B", "_x": "X", "7of9": "7", "élan": "É", "": "?", "...": "?", "<&>": "?",
	} {
		if got := initialOf(username); got != want {
			t.Errorf("initialOf(%q) = %q, want %q", username, got, want)
		}
	}
}

// TestGroundsAreReadable holds that white stands out from every ground as WCAG asks of text.
func TestGroundsAreReadable(t *testing.T) {
	for _, ground := range grounds {
		rgb, err := strconv.ParseUint(ground[1:], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		luminance := 0.0
		for shift, weight := range map[int]float64{16: 0.2126, 8: 0.7152, 0: 0.0722} {
			part := float64(rgb>>shift&0xff) / 255
			if part <= 0.04045 {
				part /= 12.92
			} else {
				part = math.Pow((part+0.055)/1.055, 2.4)
			}
			luminance += weight * part
		}
		if contrast := 1.05 / (luminance + 0.05); contrast < 4.5 {
			t.Errorf("white on %s has a contrast of %.2f, want 4.5 at least", ground, contrast)
		}
	}
}
