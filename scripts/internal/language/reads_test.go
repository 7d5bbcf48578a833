package language

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestReadsOfScripts(t *testing.T) {
	const unknown = "-"
	for _, tt := range []struct{ name, source, want string }{
		{"nothing", inMethod("", "return 1"), "request()"},
		{"no request at all", "class Script { process_incoming_request() { return 1 } }", ""},
		{
			"members", inMethod("", "const { ref, pusher: { name } } = request.content; return `${ref} ${name} ${request.headers['x-event']}`"),
			"request(content(pusher(name()),ref()),headers(x-event()))",
		},
		{"a member that is handed on", inMethod("", "return { text: request.content.repository }"), "request(content(repository))"},
		{"body and content", inMethod("", "return typeof request.body.a"), "request(content(a()))"},
		{"the text alone", inMethod("", "return request.content_raw.length"), "request(content_raw(length))"},
		{"elements", inMethod("", "return request.content.commits.map((c) => c.id + c.author.name)"), "request(content(commits(author(name()),id(),map())))"},
		{
			"a loop", inMethod("", "let t = ''; for (const c of request.content.commits) t += c.id; for (let i = 0; i < 2; i++) t += request.content.commits[i].url"),
			"request(content(commits(id(),url())))",
		},
		{
			"a helper", inMethod("const name = (user) => user.login || 'nobody'; function title(c) { return `${name(c.user)}: ${c.title}` }", "return title(request.content)"),
			"request(content(title(),user(login())))",
		},
		{
			"a method", "class Script { title(c) { return c.title + '' } process_incoming_request({ request }) { const self = this; return self.title(request.content) } }",
			"request(content(title()))",
		},
		{"a list of keys", inMethod("const KEYS = ['a', 'b'];", "return KEYS.map((key) => typeof request.content[key])"), "request(content(a(),b()))"},
		{"a list that changes", inMethod("const KEYS = ['a', 'b'];", "KEYS.push('c'); return KEYS.map((key) => typeof request.content[key])"), "request(content)"},
		{"a key that is computed", inMethod("", "return typeof request.content['a' + 1]"), "request(content)"},
		{"all keys", inMethod("", "return Object.keys(request.content.labels).length"), "request(content(labels))"},
		{"all of it", inMethod("", "console.log(request.content)"), "request(content)"},
		{"recursion", inMethod("const deepest = (c) => c.child ? deepest(c.child) : c.name;", "return deepest(request.content)"), "request(content(child(child,name),name))"},
		{"own members", inMethod("", "return Object.prototype.hasOwnProperty.call(request.content, 'a')"), "request(content(a()))"},
		{
			"names of all kinds", inMethod("", "return typeof request.content['a b,(c)é\\u2028//! '].d"),
			"request(content(a+b%2C%28c%29%C3%A9%E2%80%A8%2F%2F%21+(d())))",
		},

		{"a key that is a number", inMethod("", "let i = 1; return request.content.list[i + 1].name + request.content.list[0].id"), "request(content(list(id(),name())))"},
		{"a method in a field", "class Script { process_incoming_request = async ({ request }) => typeof request.content.a }", "request(content(a()))"},
		{
			"a default that calls its function", inMethod("function tree({ n = 0, child = n > 3 ? 0 : tree({ n: n + 1 }) } = {}) { return child }", "tree({}); return typeof request.content.a"),
			"request(content(a()))",
		},

		{"eval", inMethod("", "return eval('request.content.a')"), unknown},
		{"arguments", "class Script { process_incoming_request() { return arguments[0].request.content.a } }", unknown},
		{"this goes out of sight", "class Script { process_incoming_request({ request }) { keep(this); return typeof request.content.a } }", unknown},
		{"an instance of a class", inMethod("class Card { }", "new Card(); return typeof request.content.a"), unknown},
		{"a prototype", inMethod("String.prototype.up = function () { };", "return typeof request.content.a"), unknown},
		{"a generator", inMethod("function* all(c) { yield c.a }", "return typeof request.content.a"), unknown},
		{"a method that is made", "class Script { } Script['process_incoming' + '_request'] = 1", unknown},
		{"a method that is replaced", "class Script { process_incoming_request({ request }) { this.process_incoming_request = null; return typeof request.content.a } }", unknown},
		{"another base", "class Script extends Array { process_incoming_request({ request }) { return typeof request.content.a } }", unknown},
		{"this in a static method", "class Script { static m(x) { return this.n(x) } process_incoming_request({ request }) { return Script.m(request.content) } }", unknown},
		{"a long look", "let x; " + numbered(5000, "x = 't%d';") + inMethod("", numbered(5000, "x || x;")+"return typeof request.content.a"), unknown},
		{"a deep look", inMethod("", "let x = request.content; return "+strings.Repeat("x[", 40)+"0"+strings.Repeat("] ||= 1", 40)), "request(content)"},
		{"a key that calls its function", inMethod("function f({ [f({})]: x } = {}) { return 'a' }", "return f(request)"), "request(a())"},
		{"with", inMethod("", "with (request.content) { return a }"), unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			program, err := Parse(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			got := unknown
			if r := readsOf(program, []string{"Object", "Array", "console", "eval", "String"}); r != nil {
				got = strings.TrimPrefix(r.comment(), readsMark)
			}
			if got != tt.want {
				t.Errorf("reads %s, want %s", got, tt.want)
			}
		})
	}
}

func numbered(n int, format string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintln(&out, strings.ReplaceAll(format, "%d", strconv.Itoa(i)))
	}
	return out.String()
}

func TestReadsText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"reads:a,b(c,d(),e)", "reads:a,b(c,d(),e)"},
		{"reads:", "reads:"},
		{"reads:b,a", "reads:a,b"},
		{"reads:%2C%28(%C3%A9)", "reads:%2C%28(%C3%A9)"},
		{"reads:a)", ""},
		{"reads:a(", ""},
		{"reads:a(b", ""},
		{"reads:%zz", ""},
		{"reads:a()b", ""},
		{"reads:,a", ""},
		{"reads:a,", ""},
		{"reads:" + strings.Repeat("a(", 1000) + strings.Repeat(")", 1000), ""},
		{"", ""},
		{"stateless", ""},
	} {
		if got := ReadsOf("; " + TraitsMark + "store " + tt.text + "\n//! reads:x").comment(); got != tt.want {
			t.Errorf("ReadsOf(%.40s) = %s, want %s", tt.text, got, tt.want)
		}
	}
	if ReadsOf("; var a\nreads:x") != nil {
		t.Error("a text without traits says what is read")
	}
}

func TestMember(t *testing.T) {
	r := ReadsOf(TraitsMark + readsMark + "a,b(c)")
	for _, tt := range []struct {
		name         string
		read, isSome bool
	}{{"a", true, false}, {"b", true, true}, {"c", false, false}, {"0", true, false}, {"-1", true, false}, {"toString", true, false}, {"", true, false}, {"undefined", true, false}} {
		of, read := r.Member([]byte(tt.name))
		if read != tt.read || (of != nil) != tt.isSome {
			t.Errorf("Member(%q) = %v, %v", tt.name, of, read)
		}
	}
}
