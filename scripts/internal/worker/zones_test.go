package worker

import (
	"testing"
	"time"
)

func TestZoneName(t *testing.T) {
	winter, summer := time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		zone        string
		at          time.Time
		long, short string
	}{
		{"UTC", winter, "Coordinated Universal Time", "UTC"},
		{"Europe/Berlin", winter, "Central European Standard Time", "GMT+1"},
		{"Europe/Berlin", summer, "Central European Summer Time", "GMT+2"},
		{"europe/dublin", summer, "Irish Standard Time", "GMT+1"},
		{"America/New_York", winter, "Eastern Standard Time", "EST"},
		{"US/Pacific", summer, "Pacific Daylight Time", "PDT"},
		{"Asia/Kolkata", winter, "India Standard Time", "GMT+5:30"},
		{"Etc/GMT+3", winter, "GMT-03:00", "GMT-3"},
	} {
		zone, ok := zoneOf(tt.zone)
		if !ok {
			t.Errorf("zoneOf(%q) finds none", tt.zone)
			continue
		}
		at := tt.at.In(zone)
		if got := zoneName(at, "long", defaultLocale); got != tt.long {
			t.Errorf("%s in %s is %q, want %q", tt.zone, at.Month(), got, tt.long)
		}
		if got := zoneName(at, "short", defaultLocale); got != tt.short {
			t.Errorf("%s in %s is %q for short, want %q", tt.zone, at.Month(), got, tt.short)
		}
	}
	berlin, _ := zoneOf("Europe/Berlin")
	sydney, _ := zoneOf("Australia/Sydney")
	york, _ := zoneOf("America/New_York")
	for _, tt := range []struct {
		at            time.Time
		style, locale string
		want          string
	}{
		{summer.In(berlin), "short", "de-DE", "MESZ"},
		{winter.In(berlin), "long", "de-DE", "Mitteleuropäische Normalzeit"},
		{summer.In(berlin), "short", "en-GB", "CEST"},
		{summer.In(berlin), "long", "en-GB", "Central European Summer Time"},
		{summer.In(berlin), "short", "fr-FR", "UTC+2"},
		{winter.In(york), "short", "en-AU", "GMT-5"},
		{winter.In(york), "longOffset", "sv-SE", "GMT\u221205:00"},
		{winter.In(sydney), "short", "en-AU", "AEDT"},
		{winter, "shortOffset", "en-US", "GMT+0"},
	} {
		if got := zoneName(tt.at, tt.style, tt.locale); got != tt.want {
			t.Errorf("%s in %s, %s in %s, is %q, want %q", tt.at.Location(), tt.at.Month(), tt.style, tt.locale, got, tt.want)
		}
	}
	for _, name := range []string{"", "Local", "Nowhere/City", "../../etc/passwd", "+05:30"} {
		if _, ok := zoneOf(name); ok {
			t.Errorf("zoneOf(%q) finds a zone", name)
		}
	}
}
