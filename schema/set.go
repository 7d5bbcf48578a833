package schema

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed files/*.json
var files embed.FS

// Set holds every schema of the server by the name of its API method, such as "integrations.create".
// It never changes after Load and may be shared.
type Set struct {
	schemas map[string]*Schema
}

// Load reads the embedded schema files. A server calls it once and passes the Set on.
func Load() (*Set, error) {
	entries, err := files.ReadDir("files")
	if err != nil {
		return nil, fmt.Errorf("load schemas: %w", err)
	}
	set := &Set{schemas: make(map[string]*Schema, len(entries))}
	for _, entry := range entries {
		text, err := files.ReadFile(path.Join("files", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("load schemas: %w", err)
		}
		name := strings.TrimSuffix(entry.Name(), ".json")
		if set.schemas[name], err = parse(name, text); err != nil {
			return nil, fmt.Errorf("load schemas: %s: %w", entry.Name(), err)
		}
	}
	return set, nil
}

// Lookup returns the schema of an API method and whether there is one.
func (s *Set) Lookup(name string) (*Schema, bool) {
	found, ok := s.schemas[name]
	return found, ok
}

// Names returns the names of all schemas, sorted.
func (s *Set) Names() []string {
	return slices.Sorted(maps.Keys(s.schemas))
}
