package grapnel_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/grapnel-chat/grapnel"

// floors says on which floor each folder stands. A folder stands for the folders below it, unless
// they have a line of their own. bench is outside: it uses the server as anybody else does.
var floors = map[string]int{
	".":               0,
	"third_party":     0,
	"permissions":     1,
	"schema":          1,
	"outbound":        1,
	"workspace":       2,
	"integrations":    3,
	"api":             4,
	"delivery":        4,
	"scripts":         4,
	"store/sqlite":    4,
	"store/mongo":     4,
	"store/storetest": 4,
	"store":           5,
	"cmd":             6,
	"bench":           outside,
	"examples":        outside,
}

const outside = -1

// TestFloors holds that a package imports only from floors below its own.
func TestFloors(t *testing.T) {
	for _, f := range goFiles(t) {
		from := home(f.folder)
		floor, ok := floors[from]
		if !ok {
			t.Errorf("%s: folder %s stands on no floor: give it one in floors", f.path, f.folder)
			continue
		}
		for _, imported := range f.imports {
			folder, ours := folderOf(imported)
			to := home(folder)
			if !ours || to == from {
				continue
			}
			below, ok := floors[to]
			switch {
			case !ok:
				t.Errorf("%s imports %s, which stands on no floor", f.path, imported)
			case floor == outside || below == outside:
				t.Errorf("%s imports %s: what is outside and the server do not know each other's packages", f.path, imported)
			case below >= floor:
				t.Errorf("%s (floor %d) imports %s (floor %d): only floors below may be imported", f.path, floor, imported, below)
			}
		}
	}
}

// walls say which folders may import what. All others may not.
var walls = map[string][]string{
	"github.com/gin-gonic/gin":    {"api", "console", "bench/bare"},
	"go.mongodb.org/mongo-driver": {"store/mongo"},
	"modernc.org/sqlite":          {"store/sqlite"},
	"github.com/dop251/goja":      {"scripts/internal/language", "scripts/internal/v8words", "scripts/internal/worker"},
	"github.com/alecthomas/kong":  {"cmd"},
	"os/exec":                     {"scripts", "cmd", "bench"},
	"testing":                     {"store/storetest"},
}

// TestWalls holds that what one package is there for stays in it.
func TestWalls(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imported := range f.imports {
			for wall, behind := range walls {
				if under(imported, wall) && !underAny(f.folder, behind) {
					t.Errorf("%s imports %s, which only %s may", f.path, imported, strings.Join(behind, ", "))
				}
			}
		}
	}
}

// TestPackageComments holds that every package says in one place, in a sentence, what it is for.
func TestPackageComments(t *testing.T) {
	comments := map[string][]string{}
	names := map[string]string{}
	for _, f := range goFiles(t) {
		names[f.folder] = f.syntax.Name.Name
		if f.syntax.Doc != nil {
			comments[f.folder] = append(comments[f.folder], f.syntax.Doc.Text())
		}
	}
	for folder, name := range names {
		if len(comments[folder]) != 1 {
			t.Errorf("%s has %d package comments, want one", folder, len(comments[folder]))
			continue
		}
		want := "Package " + name + " "
		if name == "main" {
			want = "Command " + path.Base(folder) + " "
		}
		text := strings.TrimSpace(comments[folder][0])
		if !strings.HasPrefix(text, want) || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: package comment %q is no sentence that starts with %q", folder, text, want)
		}
	}
}

// domain are the packages whose types are neither wire nor document.
var domain = []string{"permissions", "workspace", "integrations"}

// TestDomainTypesHaveNoTags holds that exported types of the domain leave their JSON to the API
// and their documents to the stores.
func TestDomainTypesHaveNoTags(t *testing.T) {
	for _, f := range goFiles(t) {
		if !underAny(f.folder, domain) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			for _, tag := range tagsIn(t, spec.Type) {
				for _, key := range []string{"json", "bson"} {
					if _, tagged := tag.Lookup(key); tagged {
						t.Errorf("%s: type %s has a %s tag", f.path, spec.Name.Name, key)
					}
				}
			}
			return true
		})
	}
}

// goFile is a Go file that is part of the program, not of its tests.
type goFile struct {
	path    string
	folder  string
	syntax  *ast.File
	imports []string
}

// goFiles reads every Go file but tests, and but those of modules of their own, which the house does
// not depend on. It reads the files themselves, for every system: what a tool says about them could
// come from a cache.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	all := filesOf(t)
	var others []string
	for _, name := range all {
		if path.Base(name) == "go.mod" && path.Dir(name) != "." {
			others = append(others, path.Dir(name))
		}
	}
	for _, name := range all {
		if underAny(name, others) || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		f := goFile{path: name, folder: path.Dir(name), syntax: syntax}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
	}
	if len(files) < 50 {
		t.Fatalf("found %d Go files: the test does not see the house", len(files))
	}
	return files
}

// notOurs are what is made, not written.
var notOurs = []string{"bench/peers/node_modules", ".git", "bin", "grapnel", "grapnel-data"}

// filesOf lists every file of the project by its path from the root.
func filesOf(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && underAny(name, notOurs):
			return fs.SkipDir
		case d.Type().IsRegular() && !underAny(name, notOurs):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// home is the line of floors that a folder belongs to, or the folder itself.
func home(folder string) string {
	for at := folder; at != "."; at = path.Dir(at) {
		if _, ok := floors[at]; ok {
			return at
		}
	}
	return folder
}

// folderOf is the folder of one of our packages.
func folderOf(imported string) (folder string, ours bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// under reports whether a path is the other one or lies in it.
func under(name, in string) bool { return name == in || strings.HasPrefix(name, in+"/") }

func underAny(name string, in []string) bool {
	for _, folder := range in {
		if under(name, folder) {
			return true
		}
	}
	return false
}

// tagsIn are the tags of a type's fields, those of structs inside it included.
func tagsIn(t *testing.T, typ ast.Expr) []reflect.StructTag {
	t.Helper()
	var tags []reflect.StructTag
	ast.Inspect(typ, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok || field.Tag == nil {
			return true
		}
		text, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, reflect.StructTag(text))
		return true
	})
	return tags
}
