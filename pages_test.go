package grapnel_test

import (
	"go/ast"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFoldersAreNamed holds that the README names every top-level folder and the architecture every
// package, and that both name none that is not there.
func TestFoldersAreNamed(t *testing.T) {
	top, packages := map[string]bool{}, map[string]bool{}
	for _, name := range filesOf(t) {
		if folder, _, ok := strings.Cut(name, "/"); ok && folder[0] != '.' {
			top[folder] = true
		}
	}
	for _, f := range goFiles(t) {
		if f.folder != "." {
			packages[f.folder] = true
		}
	}
	for _, tt := range []struct {
		page    string
		folders map[string]bool
	}{
		{"README.md", top},
		{"docs/architecture.md", packages},
	} {
		t.Run(tt.page, func(t *testing.T) {
			named := map[string]bool{}
			for _, row := range rows(t, tt.page) {
				for _, cell := range code.FindAllStringSubmatch(row[0], -1) {
					if folder, ok := strings.CutSuffix(cell[1], "/"); ok {
						named[folder] = true
					}
				}
			}
			for folder := range tt.folders {
				if !named[folder] {
					t.Errorf("no table of %s has a row for `%s/`", tt.page, folder)
				}
			}
			for folder := range named {
				if !tt.folders[folder] {
					t.Errorf("%s has a row for `%s/`, which is not there", tt.page, folder)
				}
			}
		})
	}
}

// TestConfigurationPage holds that docs/configuration.md lists the settings that the command has,
// by the right flag and with the right default, and no others.
func TestConfigurationPage(t *testing.T) {
	const page = "docs/configuration.md"
	want := environment(t)
	got := map[string][2]string{}
	for _, row := range rows(t, page) {
		name := code.FindStringSubmatch(row[0])
		if name == nil || !variable.MatchString(name[1]) || len(row) < 4 {
			continue
		}
		if _, twice := got[name[1]]; twice {
			t.Errorf("%s has two rows for %s", page, name[1])
		}
		got[name[1]] = [2]string{strings.Trim(row[1], "`"), strings.Trim(strings.TrimPrefix(row[2], "–"), "`")}
		if strings.TrimSpace(row[3]) == "" {
			t.Errorf("%s does not say what %s means", page, name[1])
		}
	}
	for env, setting := range want {
		if got[env] != setting {
			t.Errorf("%s: %s has flag and default %q, the command has %q", page, env, got[env], setting)
		}
	}
	for env := range got {
		if _, ok := want[env]; !ok {
			t.Errorf("%s has a row for %s, which is no setting of the command", page, env)
		}
	}
}

// environment lists the command's settings: flag and default, by the name in the environment.
func environment(t *testing.T) map[string][2]string {
	t.Helper()
	all := map[string][2]string{}
	for _, f := range goFiles(t) {
		if f.folder != "cmd/grapnel" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				for _, tag := range tagsIn(t, spec.Type) {
					if env := tag.Get("env"); env != "" {
						all[env] = [2]string{"--" + tag.Get("name"), tag.Get("default")}
					}
				}
				return false
			}
			return true
		})
	}
	if len(all) < 10 {
		t.Fatalf("found %d settings in cmd/grapnel: the test does not see them", len(all))
	}
	return all
}

// TestLinks holds that a page links only to what is there.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(page), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			}
		}
	}
}

// TestSnippetsAreOurs holds that the Go on CONTRIBUTING.md stands in the code.
func TestSnippetsAreOurs(t *testing.T) {
	var all strings.Builder
	for _, name := range filesOf(t) {
		if path.Ext(name) == ".go" {
			all.WriteString(unindented(read(t, name)))
		}
	}
	for _, match := range snippet.FindAllStringSubmatch(read(t, "CONTRIBUTING.md"), -1) {
		if !strings.Contains(all.String(), unindented(match[1])) {
			t.Errorf("CONTRIBUTING.md shows what is not in the code:\n%s", match[1])
		}
	}
}

// TestMakeTargets holds that `make x` on a page is a target, and that what runs the checks runs the
// tests as the README says.
func TestMakeTargets(t *testing.T) {
	targets := map[string]bool{}
	for _, match := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[match[1]] = true
	}
	for _, page := range pages(t) {
		for _, match := range makeCall.FindAllStringSubmatch(read(t, page), -1) {
			if !targets[match[1]] {
				t.Errorf("%s says %q, which the Makefile does not know", page, match[0])
			}
		}
	}
	if !strings.Contains(read(t, "README.md"), "\nmake test\n") {
		t.Error("README.md does not show the line: make test")
	}
	if !strings.Contains(read(t, ".ci/run"), " make --no-print-directory test\n") {
		t.Error(".ci/run does not run: make test")
	}
}

// TestDependenciesAreDecided holds that docs/decisions says why each dependency is there.
func TestDependenciesAreDecided(t *testing.T) {
	var decisions strings.Builder
	for _, page := range pages(t) {
		if path.Dir(page) == "docs/decisions" {
			decisions.WriteString(read(t, page))
		}
	}
	direct := 0
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(line, "\t") || len(fields) != 2 {
			continue
		}
		direct++
		if !strings.Contains(decisions.String(), "`"+fields[0]+"`") {
			t.Errorf("docs/decisions does not say why go.mod requires %s", fields[0])
		}
	}
	if direct < 10 {
		t.Fatalf("found %d direct dependencies in go.mod: the test does not see them", direct)
	}
}

// TestNothingPointsOutside holds that the project stands alone: no file names a place on somebody's
// machine.
func TestNothingPointsOutside(t *testing.T) {
	places := []string{"/wo" + "rk/", "../sha" + "red"}
	for _, name := range filesOf(t) {
		text := read(t, name)
		if !utf8.ValidString(text) { // a program, which names the place where it was built
			continue
		}
		for _, place := range places {
			if strings.Contains(text, place) {
				t.Errorf("%s names %s", name, place)
			}
		}
	}
}

var (
	code     = regexp.MustCompile("`([^`]+)`")
	variable = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	target   = regexp.MustCompile(`(?m)^([a-z-]+):`)
	makeCall = regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")
	snippet  = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// pages are the project's Markdown files.
func pages(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, name := range filesOf(t) {
		if path.Ext(name) == ".md" {
			list = append(list, name)
		}
	}
	return list
}

// prose is a page without its code.
func prose(t *testing.T, page string) string {
	t.Helper()
	return code.ReplaceAllString(fence.ReplaceAllString(read(t, page), ""), "")
}

// rows are the rows of a page's tables, cell by cell.
func rows(t *testing.T, page string) [][]string {
	t.Helper()
	var found [][]string
	for line := range strings.Lines(read(t, page)) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !ok {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
		for n, cell := range cells {
			cells[n] = strings.TrimSpace(cell)
		}
		found = append(found, cells)
	}
	return found
}

func unindented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.TrimSpace(line) + "\n")
	}
	return out.String()
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
