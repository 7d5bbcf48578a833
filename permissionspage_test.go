package grapnel_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPermissionsPage holds that docs/permissions.md says what the code does: each permission that is
// asked for, who holds it in a new workspace and which routes ask; and each setting.
func TestPermissionsPage(t *testing.T) {
	names, holders := permissionConstants(t), defaultHolders(t)
	routes, rules := routeTable(t)
	code := readAsked(t)
	before, within := map[string][]string{}, map[string][]string{} // routes, by permission
	for _, r := range routes {
		access := r.access
		if named, ok := access.(*ast.Ident); ok && rules[named.Name] != nil {
			access = rules[named.Name]
		}
		for _, name := range code.by(access, place{}) {
			before[name] = append(before[name], short(r))
		}
		for _, name := range code.by(r.serve, place{folder: "api", receiver: "a", typ: "API"}) {
			within[name] = append(within[name], short(r))
		}
	}
	for _, name := range code.by(code.bodies["api.API.limitCalls"][0], place{folder: "api", receiver: "a", typ: "API"}) {
		within[name] = []string{"every route under `/api/`, while `API_Enable_Rate_Limiter` is on"}
	}
	var b strings.Builder
	b.WriteString(permissionsHead)
	listed := map[string]bool{}
	for _, name := range slices.SortedFunc(maps.Keys(names), func(x, y string) int { return strings.Compare(names[x], names[y]) }) {
		id := names[name]
		roles, known := holders[id]
		if !known {
			t.Errorf("permission %s is not in workspace/permissions.json: nobody would hold it", id)
		}
		if len(before[name])+len(within[name]) == 0 {
			t.Errorf("permission %s is asked by no route", id)
		}
		listed[id] = true
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", id, orNobody(roles), joined(before[name]), joined(within[name]))
	}
	b.WriteString("\nThe others that Rocket.Chat has around these are kept and can be changed, so that its clients find them, but nothing\nasks for them yet: ")
	var others []string
	for _, id := range slices.Sorted(maps.Keys(holders)) {
		if !listed[id] {
			others = append(others, "`"+id+"`")
		}
	}
	b.WriteString(strings.Join(others, ", ") + ".\n\n")
	b.WriteString(settingsHead)
	for _, s := range settingComments(t) {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", s.id, s.standard, s.does)
	}
	wantPage(t, "docs/permissions.md", b.String())
}

const permissionsHead = `# Permissions and settings

This page is made from the code by ` + "`go test . -update`" + `; a test fails when it is not what the code does.

## Permissions

A permission lists the roles that hold it; a role that is held in a room counts in that room. Nobody, no administrator
either, holds a permission whose list is empty. ` + "`POST /api/v1/permissions.update`" + ` changes the lists. Names and lists are
Rocket.Chat's.

Some routes ask before anything else and answer 403 to who does not hold one of those that they ask for. The other
questions are asked by the rules behind a route, for some of what it does: only for other people's messages, for instance.
A route stands beside every permission that its code may ask for. Routes for channels and for groups share their code, so
` + "`groups.create`" + ` stands beside ` + "`create-c`" + `, too, which it never asks for.

| permission | held by default by | asked before anything else by | asked by the rules of |
|---|---|---|---|
`

const settingsHead = `## Settings

` + "`GET /api/v1/settings`" + ` reads them, ` + "`POST /api/v1/settings/ID`" + ` with ` + "`{\"value\": …}`" + ` changes one, at once and for
good. Names are Rocket.Chat's, but for those that are ours.

| setting | default | what it does |
|---|---|---|
`

// short names a route as people do.
func short(r servedRoute) string {
	if name, ok := strings.CutPrefix(r.path, "/api/v1/"); ok {
		if strings.Contains(name, "/:") {
			return "`" + r.method + " " + name + "`"
		}
		return "`" + name + "`"
	}
	return "`" + r.path + "`"
}

func joined(routes []string) string {
	if len(routes) == 0 {
		return "–"
	}
	slices.Sort(routes)
	return strings.Join(slices.Compact(routes), ", ")
}

func orNobody(roles []string) string {
	if len(roles) == 0 {
		return "nobody"
	}
	return strings.Join(roles, ", ")
}

func defaultHolders(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("workspace/permissions.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Permissions map[string][]string }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Permissions
}

// settingLine is a line of workspace/setting.go with the comment over it.
type settingLine struct{ id, standard, does string }

func settingComments(t *testing.T) (lines []settingLine) {
	t.Helper()
	for _, f := range goFiles(t) {
		if f.path != "workspace/setting.go" {
			continue
		}
		constants := map[string]string{}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			if _, ok := v.Values[0].(*ast.BasicLit); ok {
				constants[v.Names[0].Name] = literal(t, v.Values[0])
			}
			table, ok := v.Values[0].(*ast.CompositeLit)
			if !ok || v.Names[0].Name != "settingKinds" {
				return true
			}
			from := table.Lbrace
			for _, e := range table.Elts {
				pair := e.(*ast.KeyValueExpr)
				line := settingLine{standard: standardOf(t, pair.Value)}
				if name, ok := pair.Key.(*ast.Ident); ok {
					line.id = constants[name.Name]
				} else {
					line.id = literal(t, pair.Key)
				}
				for _, c := range f.syntax.Comments {
					if c.Pos() > from && c.End() < pair.Pos() {
						line.does += c.Text()
					}
				}
				line.does = strings.Join(strings.Fields(line.does), " ")
				if line.id == "" || !strings.HasSuffix(line.does, ".") {
					t.Errorf("setting %s: the comment over it, %q, does not say what it does", line.id, line.does)
				}
				lines, from = append(lines, line), pair.End()
			}
			return false
		})
	}
	if len(lines) < 10 {
		t.Fatalf("found %d settings: the test does not see them", len(lines))
	}
	return lines
}

// standardOf is the default in a settingKind, as it stands in the source.
func standardOf(t *testing.T, kind ast.Expr) string {
	t.Helper()
	for _, e := range kind.(*ast.CompositeLit).Elts {
		if pair := e.(*ast.KeyValueExpr); pair.Key.(*ast.Ident).Name == "standard" {
			switch v := pair.Value.(type) {
			case *ast.BasicLit:
				return v.Value
			case *ast.Ident:
				return v.Name
			}
		}
	}
	t.Fatalf("a setting has no default: the test does not understand the table")
	return ""
}
