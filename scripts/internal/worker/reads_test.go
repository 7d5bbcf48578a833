package worker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/tools/txtar"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestReads runs scripts that people could have written, and holds that they read nothing of their
// request but what they were found to read.
func TestReads(t *testing.T) {
	const cases, examples = "../../testdata/node/", "../../../examples/scripts/"
	all := txtars(t, cases+"*.txtar", "../../testdata/cases/*.txtar")
	for script, payloads := range map[string]string{
		"alertmanager": "alertmanager-firing", "github": "../github-push github-issue github-pull-request github-workflow-run",
		"github-push": "../github-push", "gitlab": "gitlab-push gitlab-merge-request gitlab-pipeline", "grafana": "grafana-firing",
		"jira": "jira-issue-created jira-issue-updated", "json": "json", "sentry": "sentry-event-alert", "uptime-kuma": "uptime-kuma-down uptime-kuma-test",
	} {
		for payload := range strings.FieldsSeq(payloads) {
			content := readFile(t, examples+"payloads/"+payload+".json")
			event := strings.ReplaceAll(strings.TrimPrefix(filepath.Base(payload), "github-"), "-", "_")
			argument := `{"request":{"url":{"query":{"title":"x"}},"headers":{"x-github-event":"` + event + `","sentry-hook-resource":"event_alert"}}}`
			all[script+" "+payload] = readCase{source: readFile(t, examples+script+".js"), argument: argument, content: content}
		}
	}
	found := 0
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			if c.check(t) {
				found++
			}
		})
	}
	if found < len(all)/2 {
		t.Errorf("of %d scripts %d were understood", len(all), found)
	}
}

// TestReadsOfOddities does as TestReads with what a reader of scripts can stumble over.
func TestReadsOfOddities(t *testing.T) {
	const content = `{"a":{"b":{"d":"b"},"d":"a"},"d":"d","n":{"0":{"d":0,"x":1},"7":{"d":7,"x":2}},"list":[{"d":1},{"d":2,"x":3}],"":{"d":"nameless"},
		"undefined":{"d":"none"},"own":{"hasOwnProperty":1,"map":2,"toString":3,"d":4},"toString":"text"}`
	givenUp := map[string]bool{"this in two variables": true, "a static method's this": true, "a static block's this": true, "this in a default": true}
	for _, tt := range []struct{ name, top, class, body string }{
		{"a named function expression", "", "", "(function visit(key) { out.push(c[key]?.d); if (key === 'a') visit('n'); })('a')"},
		{"the name of a function expression", "function walk(q) { return q.x } const deep = function walk(y, n) { return n ? walk(y.b, n - 1) : y.d };", "", "out.push(deep(c.a, 1))"},
		{"a function in two variables", "let get, data; exports.get = get = (k) => data[k];", "", "data = c; out.push(exports.get('d'), typeof get('a'))"},
		{"a function in an object and a variable", "", "", "let get; const o = { get: get = (k) => c[k] }; out.push(o.get('d'), typeof get('a'))"},
		{"a closure in two variables", "", "", "let f, g; f = g = () => c; out.push(f().d)"},
		{"this in two variables", "", "m(x) { return x.b }", "let a, b; a = b = this; a['m' + ''] = (x) => x.d; out.push(this.m(c.a))"},
		{"numbers for names", "", "", "out.push(c.n[0].x); for (let i = 0; i < 9; i++) out.push(c.n[i]?.d); const { 7: q } = c.n; out.push(q.d, c.n.hasOwnProperty(7), c.n['7'].x)"},
		{"numbers of all kinds", "", "", "out.push(c.list[.0].d, c.list[0x1].x, c.list[1.0].d, c.list['1'].d, c.list.at(-1).x, c.list[c.list.length - 1].d, c.list[-1])"},
		{"a name that objects inherit", "", "", "try { out.push(c.own.hasOwnProperty('d')) } catch (e) { out.push(e.message) } try { c.own.map(String) } catch (e) { out.push(e.message) } out.push(Object.hasOwn(c.own, 'd'))"},
		{"no name", "", "", "out.push(c[''].d)"},
		{"no key", "", "", "let k; const [, l] = ['a']; out.push(c[k].d, c[l].d, c[['a'].find(() => false)].d)"},
		{"a text", "", "", "try { out.push(`${c}`) } catch (e) { out.push(e.message) } try { out.push(c.own + '') } catch (e) { out.push(e.message) }"},
		{"a static method's this", "", "m(x) { return x.d } static m(x) { return x.b.d } static go(x) { return this.m(x) }", "out.push(Script.go(c.a))"},
		{"a static block", "let get;", "static { get = (x) => x.d }", "out.push(get(c))"},
		{"a static block's this", "", "m(x) { return x.b.d } static { this.m = (x) => x.d }", "out.push(Script.m(c))"},
		{"defaults", "", "", "const f = ({ a = c.a, b = a }) => b; out.push(f({}).d); function g(h = (k) => c[k]) { return h('d') } out.push(g()); const { i = (k) => c[k].d } = {}; out.push(i('a'))"},
		{"defaults that call their function", "function tree({ n = 0, of = c => c.d, child = n > 1 ? null : tree({ n: n + 1 }) } = {}) { return child || of }", "", "out.push(tree({})(c))"},
		{"a method that is a field", "", "m = ({ a: { d } }) => d; process_outgoing_response = () => 1", "out.push(this.m(c))"},
		{"a private method", "", "#m(x) { return x.d } m(x) { return x.b.d }", "out.push(this.#m(c), this.m(c.a))"},
		{"a switch that falls through", "", "", "let v; switch (1) { case 1: v = c.a; case 2: v = v || c.n; break; default: v = {} } out.push(v.d)"},
		{"a name without scopes", "const f = (x) => x.d;", "", "{ const { f } = { f: (x) => x.b.d }; out.push(f(c.a)) } out.push(f(c))"},
		{"methods in brackets", "", "", "const how = 'map'; out.push(c.list['map']((x) => x.d), c.list[how]((x) => x.d), c.list['slice'](1)[0].x, c.own['d'], c.list?.['at'](0).d)"},
		{"methods in brackets of lists", "", "", "const l = ['a']; l['push']('d'); l.forEach((k) => out.push(typeof c[k]))"},
		{"tags", "", "", "out.push(c.list.slice`0`[1].x, c.list.at`1`.x, c.list.concat`x`[0].d)"},
		{"replaced built-ins", "Object.hasOwn = (x, k) => x.list[0].d; Array.isArray = (x) => x.list[0].d;", "", "out.push(Object.hasOwn(c, 'q'), Array.isArray(c))"},
		{"a method that text calls", "", "m() { return this.d }", "c.a.toString = this.m; out.push(String(c.a))"},
		{"a method with a name that is computed", "const o = { ['m' + 'ap']: (f) => ({ y: f() }) };", "", "const v = out.length ? c.list : o; out.push(v.map(() => c.a).y.d)"},
		{"a method with a name from entries", "const o = Object.fromEntries([['map', (f) => ({ y: f() })]]);", "", "const v = out.length ? c.list : o; out.push(v.map(() => c.a).y.d)"},
		{"the rest of a text", "", "", "const [, ...r] = 'xa'; out.push(c[r].d)"},
		{"keys that call their function", "function f({ [f({})]: x } = {}) { return 'a' }", "", "out.push(f(c))"},
		{"this in a default", "function g(x, { q = this.h(x) } = {}) { return q }", "h(x) { return x.d }", "out.push(typeof g, c.d)"},
		{"this in a method's default", "", "m({ a: { d } = this.n(0), q = this.n(d) }) { return q } n(x) { return x + 'n' }", "out.push(this.m(c))"},
		{"promises", "", "", "const p = Promise.resolve(c.a); p.then((x) => x.d); out.push(p.b, c.a.then)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := readCase{content: content, argument: `{"request":{"headers":{}}}`}
			c.source = fmt.Sprintf("%s\nclass Script {\n%s\nprocess_incoming_request({ request }) { const out = [], c = request.content; %s; return { text: String(out) } }\n}", tt.top, tt.class, tt.body)
			if understood := c.check(t); understood == givenUp[tt.name] {
				t.Errorf("understood: %v", understood)
			}
			if text, fault := compile(c.source, false); fault != nil || c.run(t, text, nil) == "" {
				t.Errorf("it does not run: %v", fault)
			}
		})
	}
}

// readCase is a script and what it is called with.
type readCase struct {
	source, argument, content string
	strict                    bool
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// txtars returns the cases whose method is the one for incoming requests.
func txtars(t *testing.T, patterns ...string) map[string]readCase {
	t.Helper()
	all := make(map[string]readCase)
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no cases in %s: %v", pattern, err)
		}
		for _, file := range files {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := readCase{argument: `{"request":{"url_raw":"/hooks/a/b","headers":{"x-event":"push"}}}`}
			for _, f := range archive.Files {
				switch text := strings.TrimSuffix(string(f.Data), "\n"); f.Name {
				case "script.js":
					c.source = text
				case "argument.json":
					c.argument = text
				case "content.json":
					c.content = text
				case "strict":
					c.strict = true
				case "method":
					c.source = ""
				}
			}
			if strings.Contains(c.source, "process_incoming_request") {
				all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = c
			}
		}
	}
	return all
}

// check runs the script with a request that tells what is read of it, and twice more: with all of
// the request and with what is said to be read. These must come to the same. It returns whether
// anything was said.
func (c readCase) check(t *testing.T) (understood bool) {
	t.Helper()
	text, fault := compile(c.source, c.strict)
	if fault != nil {
		return false
	}
	reads := language.ReadsOf(text)
	if reads == nil {
		return false
	}
	if c.content != "" && !json.Valid([]byte(c.content)) {
		return false
	}
	whole, read := c.run(t, text, nil), c.run(t, text, reads)
	if whole != read {
		line, _, _ := strings.Cut(text, "\n")
		t.Errorf("with all of the request:\n%s\nwith what is read of it:\n%s\n%s\n%s", whole, read, line, c.source)
	}
	c.watch(t, text, reads)
	return true
}

func (c readCase) load(t *testing.T, text string) (r *realm, ok bool) {
	t.Helper()
	r = newRealm("", "", wire.DefaultLimits(), &names{})
	stop := time.AfterFunc(time.Second, func() { r.runtime.Interrupt("late") })
	defer stop.Stop()
	return r, r.evaluate(text) == nil
}

func (c readCase) call() call {
	called := call{method: integrations.ProcessIncomingRequest, argument: []byte(c.argument)}
	if c.content != "" {
		called.content = []byte(c.content)
	}
	return called
}

// run tells what comes of a call.
func (c readCase) run(t *testing.T, text string, reads *language.Reads) string {
	t.Helper()
	r, ok := c.load(t, text)
	if !ok {
		return ""
	}
	r.reads = reads
	stop := time.AfterFunc(time.Second, func() { r.runtime.Interrupt("late") })
	defer stop.Stop()
	answer, err := r.invoke(c.call())
	if err != nil {
		return err.Error()
	}
	return strings.Join(append(answer.console, answer.value), "\n")
}

// watch runs the script with proxies in place of the request's objects.
func (c readCase) watch(t *testing.T, text string, reads *language.Reads) {
	t.Helper()
	r, ok := c.load(t, text)
	if !ok {
		return
	}
	r.reads = nil
	argument, err := r.argument(c.call())
	if err != nil {
		t.Fatal(err)
	}
	method, err := r.method(integrations.ProcessIncomingRequest)
	if err != nil || method == nil {
		return
	}
	line, _, _ := strings.Cut(text, "\n")
	w := &watch{t: t, realm: r, proxies: make(map[*goja.Object]goja.Value), known: make(map[*goja.Object]bool), about: line + "\n" + c.source}
	w.learn(argument)
	stop := time.AfterFunc(time.Second, func() { r.runtime.Interrupt("late") })
	defer stop.Stop()
	value, err := method(r.instance, w.wrap(argument, reads, "argument"))
	if err != nil {
		return
	}
	if value, fault := r.await(value); fault == nil {
		_, _, _ = r.stringify(value, r.limits.ResultSize)
	}
}

// watch tells when a script looks at something that it was not found to read.
type watch struct {
	t       *testing.T
	realm   *realm
	proxies map[*goja.Object]goja.Value
	known   map[*goja.Object]bool // objects of the request
	about   string
}

func (w *watch) learn(value goja.Value) {
	object, ok := value.(*goja.Object)
	if !ok || w.known[object] {
		return
	}
	w.known[object] = true
	for _, name := range object.Keys() {
		w.learn(object.Get(name))
	}
}

func (w *watch) wrap(value goja.Value, reads *language.Reads, path string) goja.Value {
	object, ok := value.(*goja.Object)
	if !ok || !w.known[object] || reads == nil {
		return value
	}
	if w.proxies[object] == nil {
		isArray := object.ClassName() == "Array"
		of := func(name string) (*language.Reads, bool) {
			if isArray {
				return reads, true
			}
			if path == "argument.request" && name == "body" {
				name = "content"
			}
			return reads.Member([]byte(name))
		}
		look := func(name string) {
			if _, read := of(name); !read && hasOwn(object, name) {
				w.t.Errorf("%s.%s is read\n%s", path, name, w.about)
			}
		}
		get := func(target *goja.Object, name string) goja.Value {
			look(name)
			value := target.Get(name)
			if value == nil {
				return goja.Undefined()
			}
			inner, _ := of(name)
			return w.wrap(value, inner, path+"."+name)
		}
		proxy := w.realm.runtime.NewProxy(object, &goja.ProxyTrapConfig{
			Get: func(target *goja.Object, name string, _ goja.Value) goja.Value { return get(target, name) },
			GetIdx: func(target *goja.Object, i int, _ goja.Value) goja.Value {
				return get(target, w.realm.runtime.ToValue(i).String())
			},
			Has: func(target *goja.Object, name string) bool {
				look(name)
				return hasOwn(target, name) || target.Prototype().Get(name) != nil
			},
			OwnKeys: func(target *goja.Object) *goja.Object {
				for _, name := range target.GetOwnPropertyNames() {
					look(name)
				}
				return w.realm.runtime.ToValue(target.GetOwnPropertyNames()).ToObject(w.realm.runtime)
			},
			GetOwnPropertyDescriptor: func(target *goja.Object, name string) goja.PropertyDescriptor {
				look(name)
				if !hasOwn(target, name) {
					return goja.PropertyDescriptor{}
				}
				return goja.PropertyDescriptor{Value: target.Get(name), Writable: goja.FLAG_TRUE, Enumerable: goja.FLAG_TRUE, Configurable: goja.FLAG_TRUE}
			},
		})
		w.proxies[object] = w.realm.runtime.ToValue(proxy)
	}
	return w.proxies[object]
}

func hasOwn(object *goja.Object, name string) bool {
	return slices.Contains(object.GetOwnPropertyNames(), name)
}
