package worker

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// declaration finds the globals that types.d.ts declares.
var declaration = regexp.MustCompile(`(?m)^declare (?:const|function|class) ([\w$]+)`)

// types is what the server hands out for editors.
func types(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../types.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTypesDeclareTheGlobals holds that types.d.ts declares what a script finds beyond the language,
// and nothing that it does not find.
func TestTypesDeclareTheGlobals(t *testing.T) {
	declared := map[string]bool{}
	for _, match := range declaration.FindAllSubmatch(types(t), -1) {
		declared[string(match[1])] = true
	}
	if len(declared) < 10 {
		t.Fatalf("types.d.ts declares %v: the test does not see it", declared)
	}
	there := map[string]bool{}
	for _, name := range newRealm("", "", wire.DefaultLimits(), &names{}).runtime.GlobalObject().GetOwnPropertyNames() {
		if name != language.CaughtName && !slices.Contains(languageOwn, name) { // no script can write that name
			there[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !declared[name] {
			t.Errorf("a script finds %s, which types.d.ts does not declare", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if !there[name] {
			t.Errorf("types.d.ts declares %s, which no script finds", name)
		}
	}
}

// languageOwn are the globals of JavaScript itself, which TypeScript's own library declares.
var languageOwn = append(goja.New().GlobalObject().GetOwnPropertyNames(), "Intl", "Iterator", "WeakRef", "FinalizationRegistry", "SuppressedError", "DisposableStack", "AsyncDisposableStack")

// TestTypesDeclareTheMembers holds that the objects that a script finds have the members that
// types.d.ts declares, and no others.
func TestTypesDeclareTheMembers(t *testing.T) {
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	for name, block := range blocks(t, `(?ms)^declare const (\w+): \{\n(.*?)^\};`) {
		object, ok := r.runtime.GlobalObject().Get(name).(*goja.Object)
		if !ok {
			t.Errorf("%s is no object", name)
			continue
		}
		compareMembers(t, name, membersOf(block), namesOf(t, object, true))
	}
	for name, block := range blocks(t, `(?ms)^declare class (\w+)[^{\n]*\{\n(.*?)^\}`) {
		class, ok := r.runtime.GlobalObject().Get(name).(*goja.Object)
		if !ok {
			t.Errorf("%s is no class", name)
			continue
		}
		prototype, _ := class.Get("prototype").(*goja.Object)
		compareMembers(t, name, membersOf(block), append(namesOf(t, prototype, false), namesOf(t, class, false)...))
	}
}

// blocks are the declarations of a form, by name.
func blocks(t *testing.T, form string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, match := range regexp.MustCompile(form).FindAllSubmatch(types(t), -1) {
		found[string(match[1])] = string(match[2])
	}
	if len(found) == 0 {
		t.Fatalf("nothing in types.d.ts matches %s", form)
	}
	return found
}

var memberLine = regexp.MustCompile(`(?m)^  (?:static |readonly )*(\w+)[(<:?]`)

func membersOf(block string) []string {
	var list []string
	for _, match := range memberLine.FindAllStringSubmatch(block, -1) {
		if !slices.Contains(list, match[1]) && match[1] != "constructor" {
			list = append(list, match[1])
		}
	}
	return list
}

// namesOf are an object's own names, but for those that every function has.
func namesOf(t *testing.T, object *goja.Object, plain bool) []string {
	t.Helper()
	if object == nil {
		return nil
	}
	return slices.DeleteFunc(object.GetOwnPropertyNames(), func(name string) bool {
		return name == "constructor" || !plain && slices.Contains([]string{"length", "name", "prototype"}, name)
	})
}

func compareMembers(t *testing.T, name string, declared, there []string) {
	t.Helper()
	for _, one := range declared {
		if !slices.Contains(there, one) && !slices.Contains(elsewhereMembers[name], one) {
			t.Errorf("types.d.ts declares %s.%s, which is not there", name, one)
		}
	}
	for _, one := range there {
		if !slices.Contains(declared, one) {
			t.Errorf("%s.%s is not in types.d.ts", name, one)
		}
	}
}

// elsewhereMembers are declared members that a class has from another one, or each instance for itself.
var elsewhereMembers = map[string][]string{
	"DOMException": {"code"},
	"Buffer":       {"slice", "subarray"},
}

// TestTypesAreASCII holds that editors of any encoding read the file, and that it has no tabs.
func TestTypesAreASCII(t *testing.T) {
	for n, line := range strings.Split(string(types(t)), "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r == '\t' }) {
			t.Errorf("line %d: %q", n+1, line)
		}
	}
}
