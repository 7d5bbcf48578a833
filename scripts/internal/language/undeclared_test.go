package language

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
)

func TestUndeclared(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"nothing", `let a = 1; a = 2`, ``},
		{"assignment", `a = 1; (b = 2) + 1`, `a b`},
		{"assignment that reads first", `a += 2; b ||= 3; c **= 2; d ??= 1; e &&= 1`, ``},
		{"both kinds", `a += 2; function f() { a = 1 }`, `a`},
		{"in the order of the text, once", `z = 1; a = 2; z = 3`, `z a`},
		{"increment", `i++; --j; k = 0; k++`, `k`},
		{"member", `a.b = 1; a[b] = 2; a.c++`, ``},
		{"inside a member", `a[b = 1].c = d = 2`, `b d`},
		{"hoisted var", `a = 1; { var a }`, ``},
		{"var in a function only", `function f() { var a; a = 1 } a = 2`, `a`},
		{"var after its use in a function", `function f() { a = 1; if (x) { for (var a;;); } }`, ``},
		{"let in a block only", `{ let a; a = 1 } a = 2`, `a`},
		{"let in an outer block", `{ let a; { () => { a = 1 } } }`, ``},
		{"let after its use", `function f() { a = 1 } let a`, ``},
		{"parameters", `function f(a, { b, c: d }, [e], g = 1, ...h) { a = b = d = e = g = h = 1; c = 2 }`, `c`},
		{"arrow parameters", `x => { x = 1; y = 1 }; z => z = 1`, `y`},
		{"assignment in a default", `function f(a = (b = 1)) {}`, `b`},
		{"arguments", `function f() { arguments = 1 }`, ``},
		{"catch", `try {} catch ({ a, b = 1 }) { a = b = c = 1 }`, `c`},
		{"catch without parameter", `try { a = 1 } catch { b = 1 } finally { c = 1 }`, `a b c`},
		{"for", `for (i = 0; i < 1; i++) {}`, `i`},
		{"for with let", `for (let i = 0; i < 1; i++) { i = 1 } i = 1`, `i`},
		{"for-in", `for (k in o) {} for (o.x in o) {} for (let l in o) l = 1; for (var m in o); m = 1`, `k`},
		{"for-of", `for ([a, { b }] of o) {} for (const c of o) {}`, `a b`},
		{"destructuring", `[a, , b = 1, ...c] = x; ({ d, e: f, g: [h], i = 1, ...j } = x); ({ k: o.p } = x)`, `a b c d f h i j`},
		{"declared by destructuring", `const [a, { b }] = x; let { c, ...d } = x; var { e = 1 } = x; a = b = c = d = e = 1`, ``},
		{"function and class names", `f = 1; function f() {} C = 1; class C {}`, ``},
		{"function expression's own name", `x(function f() { f = 1 }); f = 2`, `f`},
		{"class expression's own name", `x(class C { m() { C = 1 } }); C = 2`, `C`},
		{"class method, getter, field, static block", `class A { m() { a = 1 } get b() { c = 1 } d = e = 1; static { var f; f = g = 1 } static h = (i = 1); [j = 1]() {} }`, `a c e g i j`},
		{"async and generators", `async function f() { await (a = 1) } function* g() { yield b = 1 }`, `a b`},
		{"switch", `switch (a = 1) { case b = 2: let c; case 3: c = d = 1 }`, `a b d`},
		{"known globals", `console = 1; Array = 1; global = 1; globalThis = 1; Store = 1; undefined = 1`, ``},
		{"name of another scope", `function f() { let a; a = 1 } function g() { a = 1 }`, `a`},
		{"template, spread, optional chain, conditional", "`${a = 1}`; f(...(b = 1)); x?.[c = 1]; y ? (d = 1) : (e = 1)", `a b c d e`},
		{"labelled, do, while, with, if", `l: do { a = 1 } while (b = 1); while (c = 1); if (e = 1) f = 1; else g = 1`, `b a c e f g`},
		{"new, tagged template, sequence, throw", "new X(a = 1); t`${b = 1}`; c = 1, d = 1; throw e = 1", `a b c d e`},
		{"names beyond ASCII", `größe = 1; 变量 = 2`, `größe 变量`},
		{"inside an object literal", `x = { a: b = 1, [c = 1]: 2, get d() { e = 1 }, f() { g = 1 }, ...(h = 1) }`, `x b c e g h`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			program, err := Parse(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(undeclared(program, foundGlobals), " "); got != tt.want {
				t.Errorf("undeclared(%s) = %q, want %q", tt.source, got, tt.want)
			}
		})
	}
}

// foundGlobals are what a script finds declared, about.
var foundGlobals = append(goja.New().GlobalObject().GetOwnPropertyNames(),
	strings.Fields("global console Store HTTP fetch serverFetch _ moment s URL URLSearchParams Buffer crypto atob btoa setTimeout Intl structuredClone")...)
