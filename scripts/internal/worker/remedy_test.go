package worker

import (
	"strings"
	"testing"
)

func TestRemedies(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"class Script { process_incoming_request() { return require('http') } }", "load no modules"},
		{"import a from 'b'", "load no modules"},
		{"class Script { m() { return import('b') } }", "load no modules"},
		{"class Script { process_incoming_request() { return process.env.X } }", "see no environment"},
		{"class Script { process_incoming_request() { return window.x } }", "without a browser's page"},
		{"class Script { process_incoming_request() { return $.ajax() } }", "await fetch"},
		{"class Script { process_incoming_request() { return Livechat.x } }", "do not reach into the workspace"},
		{"class Script { process_incoming_request() { return mesage.x } }", "const mesage = "},
		{"class Script { process_incoming_request({ request }) { return request.content.x } }", "request.content_raw"},
		{"class Script { process_incoming_request({ request }) { return [].find(x => x)().y } }", ""},
		{"class Script { process_incoming_request({ request }) { const a = {}; return a.b.x } }", "a.b is undefined here. Test it first, or write a.b?.x."},
		{"class Script { process_incoming_request({ request }) { return request.content.x() } }", "request.content_raw"},
		{"class Script { process_incoming_request({ request: { content } }) { return content.x() } }", "request.content_raw"},
		{"class Script { process_incoming_request({ request }) { const { content: body } = request; return body.x } }", "request.content_raw"},
		{"class Script { process_incoming_request({ request }) { let content; return content.x } }", "content is undefined here. Test it first, or write content?.x."},
		{"class Script { process_incoming_request({ request }) { request.content = {}; return request.content.ref.replace('a', 'b') } }", "request.content.ref is undefined here. Test it first, or write request.content.ref?.replace."},
		{"class Script { process_incoming_request() { const a = { commits: [] }; return a.commits.count.toString() } }", "a.commits.count is undefined here. Test it first, or write a.commits.count?.toString."},
		{"class Script { process_incoming_request() { const a = { commits: [] }; return a\n.commits\n.count // or so\n.toString() } }", "a.commits.count is undefined here."},
		{"class Script { process_incoming_request() { const a = { labels: {} }; return a.labels.severity.toUpperCase() } }", "a.labels.severity is undefined here."},
		{"class Script { process_incoming_request() { const a = {}, k = 'b'; return a[k].x() } }", "a[k] is undefined here. Test it first, or write a[k]?.x."},
		{"class Script { process_incoming_request() { const a = {}, k = 'b'; return a.b[k]() } }", "a.b is undefined here. Test it first, or write a.b?.[k]."},
		{"class Script { process_incoming_request() { const a = {}; return a.b.b() } }", ""},
		{"class Script { process_incoming_request() { return [].find((x) => x.id === 7).name.trim() } }", ""},
		{"class Script { process_incoming_request() { const a = []; return a.find((x) => x.id === 7).name } }", "a.find((x) => x.id === 7) is undefined here."},
		{"class Script { process_incoming_request() { const a: any = {}; return a.b!.c() } }", "a.b is undefined here."},
		{"class Script { process_incoming_request() { const a = {}; try { a.b.c() } catch (e) { throw e } } }", "a.b is undefined here."},
		{"class Script { process_incoming_request() { throw new TypeError(`Cannot read properties of undefined (reading 'x')`) } }", ""},
		{"class Script { process_incoming_request() { const a = {}; return a.commits.count() } }", "a.commits is undefined here."},
		{"class Script { m() { await 1 } }", "Put async in front"},
		{"class Script {}\nreturn 1", "return belongs in a method"},
		{"class Script {", "is open at the end"},
		{"class Script { m({ tags: [first = 'none'] = [] }) { return first } }", "one default has to go"},
		{"const re = /a/d", "match.index"},
		{`const re = /\p{Script_Extensions=Greek}/u`, `\p{Script=Greek}`},
		{"class Other {}", "module.exports = Script"},
		{"class Script { process_incoming_request() { return new Promise(() => {}) } }", "call its resolve"},
		{"class Script { process_incoming_request() { throw new Error('mine') } }", ""},
		{"class Script { process_incoming_request() { throw 'a is not defined' } }", ""},
	} {
		got, fault := outcome(tt.source, false)
		switch {
		case fault == nil:
			t.Errorf("%s = %s", tt.source, got)
		case !strings.Contains(fault.Remedy, tt.want), tt.want == "" && fault.Remedy != "":
			t.Errorf("%s: %s: remedy %q, want %q", tt.source, got, fault.Remedy, tt.want)
		}
	}
}

// A failure shows the author's line.
func TestFailureShowsTheLine(t *testing.T) {
	_, fault := outcome("class Script {\n  process_incoming_request() {\n    nix();\n  }\n}", false)
	want := "ReferenceError: nix is not defined\n    at process_incoming_request (script.js:3:5)\n" +
		"     1 | class Script {\n     2 |   process_incoming_request() {\n>    3 |     nix();\n       |     ^"
	if fault == nil || fault.Stack != want {
		t.Errorf("stack = %+v, want\n%s", fault, want)
	}
}

// An error of the author's own class is where it was made, however the class is written.
func TestPlaceOfOwnErrors(t *testing.T) {
	const script = "\nclass Script {\n  process_incoming_request() {\n    throw new E('x');\n  }\n}"
	for _, tt := range []struct{ class, want string }{
		{"class E extends Error {}", "run: Error: x (4:11)"},
		{"class E extends Error { constructor(m) { super(m); this.name = 'E'; } }", "run: E: x (4:11)"},
		{"class D extends TypeError { constructor(m) { super(m); } } class E extends D { constructor(m) { super(m); } }", "run: TypeError: x (4:11)"},
		{"class E extends Error { constructor(m) { super(m); this.at(); } at() { throw new TypeError('inside'); } }", "run: TypeError: inside (1:78)"},
		{"class E extends Array { constructor() { super(-1); } }", "run: RangeError: Invalid array length (1:41)"},
		{"class E extends Error { constructor(m) { super(m.y.z); } }", "run: TypeError: Cannot read properties of undefined (reading 'z') (1:52)"},
		{"function E(m) { const e = new Error(m); e.name = 'E'; return e; }", "run: E: x (1:27)"},
	} {
		if got, _ := outcome(tt.class+script, false); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.class, got, tt.want)
		}
	}
}
