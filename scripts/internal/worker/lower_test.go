package worker

import (
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

func TestLower(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"async generator and for await", `
async function* count() { yield 1; yield 2 }
class Script { async process_incoming_request() { let sum = 0; for await (const n of count()) sum += n; return sum } }`, "3"},
		{"async generator method", `
class Script { async *all() { yield 5 } async process_incoming_request() { for await (const n of this.all()) return n } }`, "5"},
		{"decorator", `
function twice(method) { return function () { return 2 * method.call(this) } }
class Script { @twice five() { return 5 } process_incoming_request() { return this.five() + Script.name } }`, `"10Script"`},
		{"decorator of the class", `
function mark(c) { c.mark = 1; return c }
@mark class Script { process_incoming_request() { return Script.mark + Script.name } }`, `"1Script"`},
		{"using", `
class Script { process_incoming_request() { const seen = []; { using x = { [Symbol.for('Symbol.dispose')]() { seen.push('end') } }; seen.push('in') } return seen } }`, `["in","end"]`},
		{"accessor", `class Script { accessor n = 3; process_incoming_request() { return this.n } }`, "3"},
		{"fields called get and static", `class Script { get = 2; static static = 3; process_incoming_request() { return this.get + Script.static + Script.name } }`, `"5Script"`},
		{"a number that looks octal", "const n = 08; class Script { process_incoming_request() { return n } }", "8"},
		{"hashbang", "#!/usr/bin/env node\nclass Script { process_incoming_request() { return 1 } }", "1"},
		{"undeclared in lowered code", `
async function* count() { for (i = 1; i < 3; i++) yield i }
class Script { async process_incoming_request() { sum = 0; for await (n of count()) sum += n; return sum } }`, "3"},
		{"text beyond ASCII", "class Script { accessor n = 'größe 😀'; process_incoming_request() { return this.n } }", `"größe 😀"`},
		{"patterns are left to us", `class Script { accessor n = 1; process_incoming_request() { return ['é1'.match(/\p{L}(?<n>\d)/u).groups.n, /(?<=a)b/s.test('ab')] } }`, `["1",true]`},
		{"TypeScript", `
interface Request { content: { a: number } }
enum Level { Low = 1, High }
type Names = Record<string, string>;
function level(n: number): Level { return n > 1 ? Level.High : Level.Low }
abstract class Base<T> { protected constructor(protected readonly unit: T) {} }
class Script extends Base<string> {
  private names: Names = {};
  constructor() { super('m') }
  process_incoming_request({ request }: { request: Request }): unknown {
    msg = (request as any).content as string;
    return [level(2), this.unit, this.names!, typeof msg, <any>null] satisfies unknown[];
  }
}`, `[2,"m",{},"undefined",null]`},
		{"TypeScript as a module", `
import type { Message } from './types';
import { Other } from './types';
export default class Script { process_incoming_request(): Message | Other { return { text: 'x' } } }`, `{"text":"x"}`},
		{"TypeScript, export =", "class A { process_incoming_request(): number { return 1 } }\nexport = A", "1"},
		{"TypeScript, namespace", "namespace N { export const a: number = 4 }\nclass Script { process_incoming_request() { return N.a } }", "4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, fault := outcome(tt.source, false); got != tt.want {
				t.Errorf("= %s, want %s", got, tt.want)
				if fault != nil {
					t.Log(fault.Stack)
				}
			}
		})
	}
}

// Failures of lowered texts are placed in what the author wrote.
func TestLoweredPlaces(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"thrown", "async function* g() {}\nclass Script {\n  process_incoming_request() {\n    const ä = 'größe 😀'; throw new Error('x');\n  }\n}", "run: Error: x (4:32)"},
		{"thrown in an async generator", "class Script {\n  async process_incoming_request() {\n    for await (const x of this.all()) x;\n  }\n  async *all() {\n    yield 1;\n    none.a;\n  }\n}", "run: ReferenceError: none is not defined (7:5)"},
		{"TypeScript", "interface A { b: string }\nclass Script {\n  process_incoming_request({ request }: { request: A }): void {\n    const a: string = request.b;\n    missing(a);\n  }\n}", "run: ReferenceError: missing is not defined (5:5)"},
		{"undefined member", "type A = any;\nclass Script {\n  process_incoming_request({ request }: A) {\n    return request.none.member;\n  }\n}", "run: TypeError: Cannot read properties of undefined (reading 'member') (4:25)"},
		{"at the top level", "let a: number = 1;\n\nthrow new RangeError('top')", "evaluate: RangeError: top (3:7)"},
		{"top-level return", "let a: number = 1;\n\n  return a", "compile: SyntaxError: Illegal return statement (3:3)"},
		{"a wrong pattern", "let a: number = 1;\nconst re =  /(/", "compile: SyntaxError: Invalid regular expression: /(/: Unterminated group (2:13)"},
		{"neither", "class Script {\n  async *a() {}\n  m() { return 1 +; }\n}", "compile: SyntaxError: Unexpected token ';' (3:19)"},
		{"neither, with types", "class Script {\n  m(a: string) { return 1 +; }\n}", "compile: SyntaxError: Unexpected token ':' (2:6)"},
		{"the end", "async function* a() {", "compile: SyntaxError: Unexpected end of input (1:22)"},
		{"a string without an end", "class Script { accessor a }\nconst b = 'x", "compile: SyntaxError: Invalid or unexpected token (2:13)"},
		{"declared twice", "class Script { accessor a }\nlet b = 1\nlet b = 2", "compile: SyntaxError: Identifier 'b' has already been declared (3:5)"},
		{"await outside", "class Script { accessor a; m() { await 1 } }", "compile: SyntaxError: await is only valid in async functions and the top level bodies of modules (1:34)"},
		{"no initial value", "class Script { accessor a }\nconst b;", "compile: SyntaxError: Missing initializer in const declaration (2:7)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, fault := outcome(tt.source, false)
			if got != tt.want {
				t.Errorf("= %s, want %s", got, tt.want)
			}
			if fault != nil && fault.Phase == "compile" {
				line := language.Line(tt.source, fault.Line)
				if !strings.Contains(fault.Stack, line) {
					t.Errorf("the stack does not show %q:\n%s", line, fault.Stack)
				}
			}
		})
	}
}

func TestSyntaxErrorsInV8Words(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"a b", "Unexpected identifier 'b' (1:3)"},
		{"a 1", "Unexpected number (1:3)"},
		{"a 'x'", "Unexpected string (1:3)"},
		{"var a = {b: 1, ;}", "Unexpected token ';' (1:16)"},
		{"if (a {", "Unexpected token '{' (1:7)"},
		{"a => => b", "Unexpected token '=>' (1:6)"},
		{"var if = 1", "Unexpected token 'if' (1:5)"},
		{"}", "Unexpected token '}' (1:1)"},
		{"f(", "Unexpected end of input (1:3)"},
		{"`${1", "Unexpected end of input (1:5)"},
		{"'abc", "Invalid or unexpected token (1:5)"},
		{"1 = 2", "Invalid left-hand side in assignment (1:1)"},
		{"break", "Illegal break statement (1:1)"},
		{"const a", "Missing initializer in const declaration (1:7)"},
		{"let a; let a", "Identifier 'a' has already been declared (1:12)"},
		{"class A { constructor() {} constructor() {} }", "A class may only have one constructor (1:28)"},
		{"/a/gg", "Invalid regular expression flags (1:1)"},
		{"<b>x</b>", "Unexpected token '<' (1:1)"},
		{"a.#b", "Private field '#b' must be declared in an enclosing class (1:3)"},
	} {
		if got, _ := outcome(tt.source, false); got != "compile: SyntaxError: "+tt.want {
			t.Errorf("%s: %s, want %s", tt.source, got, tt.want)
		}
	}
}
