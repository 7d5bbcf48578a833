package worker

import (
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a worker reads no files
)

// zonesText says what time zones are called; testdata/v8/locale.js made it.
//
//go:embed zones.txt
var zonesText string

// zoneNames are those of standard and summer time. Empty ones are told by their distance from GMT.
type zoneNames struct {
	// For each locale long and short of standard time, long and short of summer time, divided by bars;
	// "=" is what it is in the first one. Most are never asked for.
	names string
	zone  string // as it is spelled
}

// in is what a zone is called in a locale.
func (z zoneNames) in(locale, at int) string {
	if z.names == "" {
		return ""
	}
	names := strings.Split(z.names, "|")
	if name := names[4*locale+at]; name != "=" {
		return name
	}
	return names[at]
}

// zoneLocales says at which place the names in a locale stand, and how distances from Greenwich are
// written there.
var zoneLocales = sync.OnceValue(func() (lines [3][]string) {
	rest := zonesText
	for i := range lines {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		lines[i] = strings.Split(line, "|")
	}
	return lines
})

var knownZones = sync.OnceValue(func() map[string]zoneNames {
	known := make(map[string]zoneNames)
	named := strings.SplitN(zonesText, "\n", len(zoneLocales())+1)
	for line := range strings.Lines(named[len(named)-1]) {
		names, zones := "", strings.TrimSuffix(line, "\n")
		if bar := strings.LastIndexByte(zones, '|'); bar >= 0 {
			names, zones = zones[:bar], zones[bar+1:]
		} else {
			known["utc"] = zoneNames{known["etc/utc"].names, "UTC"}
			// The last line has other names of the same zones.
			for pair := range strings.FieldsSeq(line) {
				other, name, _ := strings.Cut(pair, "=")
				names := known[strings.ToLower(name)]
				names.zone = name
				known[strings.ToLower(other)] = names
			}
			break
		}
		for zone := range strings.FieldsSeq(zones) {
			known[strings.ToLower(zone)] = zoneNames{names, zone}
		}
	}
	return known
})

// zoneOf finds a time zone by its name, however that is written.
func zoneOf(name string) (*time.Location, bool) {
	switch strings.ToUpper(name) {
	case "UTC", "GMT", "ETC/UTC", "ETC/GMT", "ETC/UCT", "UCT", "ZULU", "ETC/ZULU", "UNIVERSAL", "GMT0", "ETC/UNIVERSAL", "ETC/GREENWICH":
		return time.UTC, true
	case "", "LOCAL":
		return nil, false
	}
	if known, ok := knownZones()[strings.ToLower(name)]; ok {
		name = known.zone
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// zoneName names the zone of a time as V8 does in a locale.
func zoneName(t time.Time, style, locale string) string {
	_, offset := t.Zone()
	in := max(0, slices.Index(zoneLocales()[0], locale))
	at := 0
	if isSummer(t, offset) {
		at = 2
	}
	long := strings.HasPrefix(style, "long")
	if !long {
		at++
	}
	if !strings.HasSuffix(style, "Offset") {
		if name := knownZones()[strings.ToLower(spelledZone(t.Location()))].in(in, at); name != "" {
			return name
		}
	}
	return distanceFromGMT(offset, long, in)
}

// isSummer compares with the half of the year in which the clocks are behind.
func isSummer(t time.Time, offset int) bool {
	least := offset
	for _, month := range []time.Month{time.January, time.July} {
		_, o := time.Date(t.Year(), month, 15, 0, 0, 0, 0, t.Location()).Zone()
		least = min(least, o)
	}
	return offset > least
}

// distanceFromGMT is how far from Greenwich a zone is.
func distanceFromGMT(offset int, long bool, locale int) string {
	sign, minutes := "+", offset/60
	if minutes < 0 {
		sign, minutes = zoneLocales()[2][locale], -minutes
	}
	prefix := zoneLocales()[1][locale] + sign
	switch {
	case long:
		return fmt.Sprintf("%s%02d:%02d", prefix, minutes/60, minutes%60)
	case minutes%60 == 0:
		return prefix + strconv.Itoa(minutes/60)
	}
	return fmt.Sprintf("%s%d:%02d", prefix, minutes/60, minutes%60)
}

// spelledZone is the name of a zone, UTC where it has none.
func spelledZone(zone *time.Location) string {
	name := zone.String()
	if name == "Local" {
		name = LocalZone()
	}
	if name == "" || name == "Etc/UTC" {
		return "UTC"
	}
	if known := knownZones()[strings.ToLower(name)].zone; known != "" {
		return known
	}
	return name
}

// LocalZone is the name of the server's time zone, nothing where it has none. Only the server can ask: it
// reads files, which a worker may not, and so it tells the worker.
func LocalZone() string { return localZone() }

var localZone = sync.OnceValue(func() string {
	name := time.Local.String()
	if name != "Local" {
		return name
	}
	for _, find := range []func() string{zoneLink, zoneFile} {
		if name := find(); name != "" {
			if _, ok := zoneOf(name); ok {
				return name
			}
		}
	}
	return ""
})

// liveIn makes a zone the one of this process, which is a worker: it cannot find out by itself.
func liveIn(name string) {
	if zone, ok := zoneOf(name); ok {
		time.Local = zone
	}
}

func zoneLink() string {
	path, err := os.Readlink("/etc/localtime")
	if err != nil {
		return ""
	}
	_, name, _ := strings.Cut(path, "zoneinfo/")
	return name
}

func zoneFile() string {
	text, err := os.ReadFile("/etc/timezone")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
