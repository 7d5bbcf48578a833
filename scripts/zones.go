package scripts

import (
	_ "embed"
	"fmt"
	"os"
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
	names [4]string // long and short of standard time, long and short of summer time
	zone  string    // as it is spelled
}

var knownZones = sync.OnceValue(func() map[string]zoneNames {
	known := make(map[string]zoneNames)
	for line := range strings.Lines(zonesText) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(fields) == 1 {
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
		names := [4]string(fields[:4])
		for zone := range strings.FieldsSeq(fields[4]) {
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

// zoneName names the zone of a time in English, as V8 does.
func zoneName(t time.Time, style string) string {
	_, offset := t.Zone()
	switch style {
	case "longOffset":
		return gmtDistance(offset, true)
	case "shortOffset":
		return gmtDistance(offset, false)
	}
	name := strings.ToLower(spelledZone(t.Location()))
	names := knownZones()[name].names
	at := 0
	if isSummer(t, offset) {
		at = 2
	}
	if style == "long" {
		if names[at] != "" {
			return names[at]
		}
		return gmtDistance(offset, true)
	}
	if names[at+1] != "" {
		return names[at+1]
	}
	return gmtDistance(offset, false)
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

// gmtDistance is how far from Greenwich a zone is.
func gmtDistance(offset int, long bool) string {
	if offset == 0 {
		return "GMT"
	}
	sign, minutes := "+", offset/60
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	if long {
		return fmt.Sprintf("GMT%s%02d:%02d", sign, minutes/60, minutes%60)
	}
	if minutes%60 == 0 {
		return fmt.Sprintf("GMT%s%d", sign, minutes/60)
	}
	return fmt.Sprintf("GMT%s%d:%02d", sign, minutes/60, minutes%60)
}

// spelledZone is the name of a zone, UTC where it has none.
func spelledZone(zone *time.Location) string {
	name := zone.String()
	if name == "Local" {
		name = localZone()
	}
	if name == "" || name == "Etc/UTC" {
		return "UTC"
	}
	if known := knownZones()[strings.ToLower(name)].zone; known != "" {
		return known
	}
	return name
}

// localZone is the name of the server's time zone, nothing where it has none.
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
