package scripts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// TestInspect holds what is said of scripts, one line for each finding.
func TestInspect(t *testing.T) {
	p := startPool(t)
	tests := []struct {
		name, source string
		strict       bool
		methods      string
		runs         bool
		want         []string
	}{
		{
			name: "fine", source: "class Script {\n  process_incoming_request({ request }) { return { content: { text: request.content.a } }; }\n}",
			methods: "[process_incoming_request]", runs: true,
		},
		{
			name: "syntax", source: "class Script {\n\tprocess_incoming_request({ request }) { return { content: } }\n}",
			want: []string{"error 2:60 SyntaxError: Unexpected token '}'"},
		},
		{
			name: "no class", source: "const a = 1;",
			want: []string{"error 0:0 the script defines no class named Script"},
		},
		{
			name: "misspelt", source: "class Script {\n  process_incoming_requests({ request }) { return {}; }\n}", runs: true, methods: "[]",
			want: []string{
				"warning 0:0 the class Script has none of the methods that the server calls",
				"warning 2:3 the server never calls a method named process_incoming_requests",
			},
		},
		{
			name: "undeclared", source: "class Script {\n  process_incoming_request({ request }) {\n    msg = { text: 'a' }; msg.b = 1;\n    return { content: msg };\n  }\n}",
			methods: "[process_incoming_request]", runs: true,
			want: []string{"note 3:5 msg is assigned and nowhere declared"},
		},
		{
			name: "undeclared, strict", strict: true, source: "class Script {\n  process_incoming_request({ request }) {\n    msg = { text: 'a' };\n    return { content: msg };\n  }\n}",
			methods: "[process_incoming_request]",
			want:    []string{"error 3:5 msg is assigned and nowhere declared, which a strict class body forbids"},
		},
		{
			name: "languages", methods: "[process_incoming_request]", runs: true,
			source: "class Script {\n  process_incoming_request() {\n    const n = [1.5.toLocaleString('en'), 1.5.toLocaleString('en-us'), new Intl.NumberFormat('de'), new Date().toLocaleDateString('fr-FR')];\n" +
				"    return { content: { text: n.join() + 1.5.toLocaleString('ja') + 'a'.localeCompare('b', 'xx') + new Intl.DateTimeFormat('en_US') } };\n  }\n}",
			want: []string{
				"warning 4:61 locale ja is not supported here, only de-DE, en-AU, en-CA, en-GB, en-US, es-ES, fr-FR, it-IT, nl-NL, pl-PL, pt-BR, ru-RU, sv-SE",
				"warning 4:124 Incorrect locale information provided",
			},
		},
		{
			name: "absent", source: "const https = require('https');\nclass Script {\n  process_incoming_request({ request }) { if (typeof window !== 'undefined') { return; } return { content: { text: process.env.A + helper(request) } }; }\n}",
			want: []string{
				"error 1:15 require is not defined",
				"error 3:116 process is not defined",
				"warning 3:132 helper is not defined",
			},
		},
		{
			name: "labels, shadows and shorthands", runs: true, methods: "[process_incoming_request]",
			source: "class Script {\n  process_incoming_request({ request }) {\n    const require = 1, f = function g(n) { return n ? g(n - 1) : arguments.length; };\n    outer: for (const x of [1]) { for (const { y = 2, ...rest } of [{}]) { f(x + y, rest); continue outer; } }\n    try { f(require); } catch { }\n    return { content: { text: `${request.content}`, new: new.target } };\n  }\n}",
		},
		{
			name: "shorthand of a missing name", runs: true, methods: "[process_incoming_request]",
			source: "class Script { process_incoming_request() { return { content: { text } }; } }",
			want:   []string{"warning 1:65 text is not defined"},
		},
		{
			name: "members of built-ins", runs: true, methods: "[process_incoming_request]",
			source: "JSON.fancy = 1;\nclass Script { process_incoming_request() { console.print([]); return { content: { text: Math.max(1) + Math.maximum(2) + JSON.fancy } }; } }",
			want: []string{
				"warning 2:53 console.print is not there",
				"warning 2:109 Math.maximum is not there",
			},
		},
		{
			name: "argument taken for the request", runs: true, methods: "[process_incoming_request]",
			source: "class Script {\n  process_incoming_request(request) {\n    return { content: { text: request.content.a } };\n  }\n}",
			want:   []string{"warning 3:31 the argument of process_incoming_request is { request }, not the request: request.content is undefined"},
		},
		{
			name: "result without content", runs: true, methods: "[process_incoming_request process_outgoing_response]",
			source: "class Script {\n  process_incoming_request() {\n    if (this.x) { return { text: 'a' }; }\n    return { ...this.y };\n  }\n  process_outgoing_response() { return { content: { text: '' } }; }\n}",
			want:   []string{"warning 3:19 this result of process_incoming_request means nothing to the server"},
		},
		{
			name: "unreachable", runs: true, methods: "[process_incoming_request]",
			source: "class Script {\n  process_incoming_request() {\n    return {};\n    var a;\n    console.log(a);\n  }\n}",
			want:   []string{"note 5:5 this is never reached"},
		},
		{
			name: "does not load", source: "const a = {};\na.b.c;\nclass Script { }",
			want: []string{"error 2:5 TypeError: Cannot read properties of undefined (reading 'c')"},
		},
		{
			name: "fails to load at a missing name", source: "const a = helper();\nclass Script { process_incoming_request() {} }",
			want: []string{"error 1:11 helper is not defined"},
		},
		{
			name: "TypeScript", runs: true, methods: "[process_incoming_request]",
			source: "interface A { b: string }\nclass Script {\n  process_incoming_request({ request }: any) {\n    const a: A = request.content;\n    msg = a.b;\n    return { content: { text: helper(a) } };\n  }\n}",
			want:   []string{"note 5:5 msg is assigned and nowhere declared", "warning 6:31 helper is not defined"},
		},
		{
			name: "module", runs: true, methods: "[process_incoming_request]",
			source: "class A { process_incoming_request() { return {}; } }\nmodule.exports = A;",
		},
		{
			name: "bad expression", source: "class Script { process_incoming_request() { return { content: { text: '' + new RegExp('a(') } }; } }", methods: "[process_incoming_request]",
			want: []string{"error 1:87 SyntaxError: Invalid regular expression: /a(/: Unterminated group"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, err := p.Inspect(t.Context(), integrations.ScriptSource{Text: tt.source, Strict: tt.strict})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, fmt.Sprintf("%s %d:%d %s", f.Level, f.Line, f.Column, f.Text))
				if f.Remedy == "" && !slices.Contains(withoutRemedy, tt.name) {
					t.Errorf("%q has no remedy", f.Text)
				}
				if shows := f.Excerpt != ""; shows != (f.Line > 0) {
					t.Errorf("excerpt of %+v", f)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(tt.want, "\n  "))
			}
			if tt.methods == "" {
				tt.methods = "[]"
			}
			if got := fmt.Sprint(report.Methods); got != tt.methods {
				t.Errorf("methods = %s, want %s", got, tt.methods)
			}
			if report.Lowered != (tt.name == "TypeScript") {
				t.Errorf("Lowered = %t", report.Lowered)
			}
			if report.Runs() != tt.runs {
				t.Errorf("Runs = %t, want %t", report.Runs(), tt.runs)
			}
		})
	}
}

// withoutRemedy are the cases where what was found says all there is.
var withoutRemedy = []string{"syntax", "members of built-ins", "unreachable", "bad expression"}

// TestInspectHostile holds that a script that never ends, or fills its memory, is reported as such.
func TestInspectHostile(t *testing.T) {
	hasty := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Second })
	patient := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Minute })
	for _, tt := range []struct {
		pool         *scripts.Pool
		source, want string
	}{
		{hasty, "for (;;);\nclass Script {}", "stopped after 1s (SCRIPT_TIMEOUT)"},
		{patient, "const a = []; for (;;) a.push('x'.repeat(1e7));\nclass Script {}", "used more than 64 MB (SCRIPT_MEMORY)"},
		{patient, strings.Repeat(" ", 512<<10+1), "the script is larger than 512 KB (SCRIPT_SOURCE_SIZE)"},
	} {
		report, err := tt.pool.Inspect(t.Context(), integrations.ScriptSource{Text: tt.source})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) == 0 || report.Findings[0].Text != tt.want || report.Runs() {
			t.Errorf("Inspect(%.20q) = %+v, want %q", tt.source, report.Findings, tt.want)
		}
	}
}

// TestInspectPoints holds the line and the caret below it.
func TestInspectPoints(t *testing.T) {
	p := startPool(t)
	for source, want := range map[string]string{
		"class Script {\n\tm() { gäbe(); äöü(); }\n\tprocess_incoming_request() { missing(); }\n}":              "\tm() { gäbe(); äöü(); }\n\t      ^",
		"class Script { m() { " + strings.Repeat("1;", 100) + "missing();" + strings.Repeat("2;", 100) + " } }": strings.Repeat("1;", 30) + "missing();" + strings.Repeat("2;", 25) + "\n" + strings.Repeat(" ", 60) + "^",
	} {
		report, err := p.Inspect(t.Context(), integrations.ScriptSource{Text: source})
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(report.Findings, func(f scripts.Finding) bool { return f.Excerpt == want })
		if !found {
			t.Errorf("excerpts of %+v, want\n%s", report.Findings, want)
		}
	}
}
