package worker

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// Whatever an author saves compiles to a text that can be loaded, or is refused at a place inside it.
func FuzzCompile(f *testing.F) {
	for _, source := range []string{
		`a = 1`, `let a; a = 1`, `class Script { m() { a = 1 } }`, `"use strict"; a = 1`, `for (a of b) var c = a`, `let = 1`, `yield = 1`, `async = await = 1`,
		`({ a, b: [c] } = d)`, "`${a = 1}`", `with (x) y = 1`, `function f(a, b = c = 1) { "use strict" }`, `static = 1; of = 2; get = 3`, "\ufeffa = 1", "#!/bin/x\na = 1",
		`export default class Script {}`, `export { a as b }; import c from 'd'`, `module.exports = { get a() { return 1 } }`, `export default`, `export default (1)`,
		`async function* g() { for await (const x of y) yield x }`, `@d class A { @d accessor x = 1; get = 2 }`, `enum A { B } namespace C { export let x: number }`,
		`const T = { a: [{ b: 1 }] }; function f({ a: [x] } = T) { x.b = 1 }`, `/\p{L}(?<n>[^\d])/gu`, `a?.b?.[c](...d)`, `class A extends B { static #x = 1; static { this.y = #x in z } }`,
		`for (const [a, { b = 1 }] of Object.entries(T)) switch (a) { case b: break; default: do { x-- } while (x) }`, `label: try { throw a } catch { } finally { break label }`,
		"\"000\xee0\xf4\"",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 200 {
			return // long ones may take long: what a worker's limits are for
		}
		for _, strict := range []bool{false, true} {
			compiled, fault := compile(source, strict)
			if fault == nil {
				if _, _, fault := language.Program(compiled); fault != nil {
					t.Errorf("%q compiles to %q, which does not load: %v", source, compiled, fault)
				}
				continue
			}
			lines := strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(source), "\n") + 1
			if fault.Line > lines || fault.Line > 0 && (fault.Column < 1 || fault.Column > utf8.RuneCountInString(language.Line(source, fault.Line))+1) {
				t.Errorf("%q is refused at %d:%d, which is not in it: %v", source, fault.Line, fault.Column, fault)
			}
			if fault.Line == 0 {
				t.Errorf("%q is refused without a place: %v", source, fault)
			}
		}
	})
}
