package grapnel_test

import (
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// asked finds out which permissions a piece of code may ask for. It follows every name that the code
// mentions, through the packages that ask: a handler to the service that it calls, that to its helpers,
// and so on to the constants of package permissions. It reads syntax alone, so of a method called on
// something other than a service it follows every method of that name in the package.
type asked struct {
	bodies  map[string][]ast.Node // by package.type.name, the type empty for what belongs to none
	methods map[string][]string   // names of bodies, by package and method
	of      map[ast.Node]place
}

// place is where a body stands.
type place struct{ folder, receiver, typ string }

var askers = []string{"api", "workspace", "integrations"}

// services are the types whose methods are called through a field or variable of this name.
var services = map[string]string{"Workspace": "workspace", "Chat": "workspace", "Integrations": "integrations"}

func readAsked(t *testing.T) *asked {
	t.Helper()
	a := &asked{bodies: map[string][]ast.Node{}, methods: map[string][]string{}, of: map[ast.Node]place{}}
	for _, f := range goFiles(t) {
		if !slices.Contains(askers, f.folder) {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				a.addFunction(f.folder, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						for n, name := range v.Names {
							if n < len(v.Values) {
								a.add(place{folder: f.folder}, name.Name, v.Values[n])
							}
						}
					}
				}
			}
		}
	}
	return a
}

func (a *asked) addFunction(folder string, d *ast.FuncDecl) {
	at := place{folder: folder}
	if d.Recv != nil {
		typ := d.Recv.List[0].Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if generic, ok := typ.(*ast.IndexExpr); ok {
			typ = generic.X
		}
		at.typ = typ.(*ast.Ident).Name
		if names := d.Recv.List[0].Names; len(names) > 0 {
			at.receiver = names[0].Name
		}
	}
	if d.Body == nil {
		return
	}
	a.add(at, d.Name.Name, d.Body)
	if at.typ != "" && at.typ != "Service" && at.typ != "API" {
		key := folder + "." + d.Name.Name
		a.methods[key] = append(a.methods[key], folder+"."+at.typ+"."+d.Name.Name)
	}
}

func (a *asked) add(at place, name string, body ast.Node) {
	key := at.folder + "." + at.typ + "." + name
	a.bodies[key] = append(a.bodies[key], body)
	a.of[body] = at
}

// by answers the constants that code at a place leads to.
func (a *asked) by(code ast.Node, at place) []string {
	found, seen := map[string]bool{}, map[string]bool{}
	a.follow(code, at, found, seen)
	return slices.Sorted(maps.Keys(found))
}

func (a *asked) follow(code ast.Node, at place, found, seen map[string]bool) {
	visit := func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, body := range a.bodies[name] {
			a.follow(body, a.of[body], found, seen)
		}
	}
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			return a.selected(n, at, found, visit)
		case *ast.KeyValueExpr: // the key is a field's name
			a.follow(n.Value, at, found, seen)
			return false
		case *ast.Ident:
			visit(at.folder + ".." + n.Name)
		}
		return true
	})
}

// selected follows x.name, and reports whether to look into x.
func (a *asked) selected(s *ast.SelectorExpr, at place, found map[string]bool, visit func(string)) bool {
	switch x := s.X.(type) {
	case *ast.Ident:
		switch {
		case x.Name == "permissions":
			found[s.Sel.Name] = true
			return false
		case slices.Contains(askers, x.Name):
			visit(x.Name + ".." + s.Sel.Name)
			return false
		case x.Name == at.receiver:
			visit(at.folder + "." + at.typ + "." + s.Sel.Name)
			return false
		}
	case *ast.SelectorExpr:
		if folder, ok := services[x.Sel.Name]; ok {
			visit(folder + ".Service." + s.Sel.Name)
			return true
		}
	}
	for _, name := range a.methods[at.folder+"."+s.Sel.Name] {
		visit(name)
	}
	return true
}

// permissionConstants are the names in package permissions and what they stand for.
func permissionConstants(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for _, f := range goFiles(t) {
		if path.Dir(f.path) != "permissions" {
			continue
		}
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Doc == nil || !strings.HasPrefix(g.Doc.Text(), "The permissions that this server checks") {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				names[v.Names[0].Name] = literal(t, v.Values[0])
			}
		}
	}
	if len(names) < 30 {
		t.Fatalf("found %d permissions: the test does not see them", len(names))
	}
	return names
}
