package worker

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// outcome compiles, loads and calls a script and says what came of it: a value as JSON, or
// "phase: name: message (line:column)".
func outcome(source string, strict bool) (string, *integrations.ScriptError) {
	compiled, fault := compile(source, strict)
	if fault != nil {
		return fmt.Sprintf("%s: %v", fault.Phase, fault), fault
	}
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	if fault := r.evaluate(compiled); fault != nil {
		return fmt.Sprintf("%s: %v", fault.Phase, fault), fault
	}
	a, err := r.invoke(call{method: integrations.ProcessIncomingRequest, argument: []byte(`{"request":{}}`)})
	if fault, ok := errors.AsType[*integrations.ScriptError](err); ok {
		return fmt.Sprintf("%s: %v", fault.Phase, fault), fault
	}
	if err != nil {
		panic(err) // the argument is JSON
	}
	return a.value, nil
}

// method is the method of a class that returns an expression.
func method(expression string) string {
	return "{ process_incoming_request() { return " + expression + " } }"
}

func TestModules(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"module.exports", "class A " + method("1") + "\nmodule.exports = A;", "1"},
		{"module.exports of a class without a name", "module.exports = class " + method("1"), "1"},
		{"module.exports of an object", "class Script " + method("1") + "\nmodule.exports = { Script };", "1"},
		{"module.exports.Script", "module.exports.Script = class " + method("1"), "1"},
		{"exports.Script", "exports.Script = class " + method("1"), "1"},
		{"exports = module.exports", "exports = module.exports = class " + method("1"), "1"},
		{"exports.default", "exports.default = class " + method("1"), "1"},
		{"exports in a condition", "class A " + method("1") + "\nif (typeof module !== 'undefined' && module.exports) { module.exports = A }", "1"},
		{"exports beside the class", "class Script " + method("typeof module") + "\nmodule.exports = Script", `"object"`},
		{"no exports, no module", "class Script " + method("typeof module + typeof exports"), `"undefinedundefined"`},
		{
			"a library that was pasted in",
			"(function (root, make) { if (typeof module === 'object') module.exports = make(); else root.lib = make(); })(this, () => 7);\nclass Script " + method("lib"), "7",
		},
		{"a module of the author's own", "const module = { a: 1 }; module.exports = 2; class Script " + method("module.exports"), "2"},
		{"export class", "export class Script " + method("1"), "1"},
		{"export default class", "export default class Script " + method("1"), "1"},
		{"export default class of another name", "export default class Other " + method("1"), "1"},
		{"export default class without a name", "export default class " + method("1"), "1"},
		{"export default class that extends", "class A " + method("1") + "\nexport default class extends A {}", "1"},
		{"export default of a name", "class Script " + method("1") + "\nexport default Script;", "1"},
		{"export default of another name", "class A " + method("1") + "\nexport default A", "1"},
		{"export of a list", "class Script " + method("1") + "\nexport { Script };", "1"},
		{"export of a list with another name", "class A " + method("1") + "\nexport { A as Script };", "1"},
		{"export of a list as default", "class A " + method("1") + "\nexport { A as default };", "1"},
		{"export const", "export const limit = 3;\nexport const Script = class " + method("limit"), "3"},
		{"export function", "export function f() { return 2 }\nexport async function g() {}\nexport class Script " + method("f()"), "2"},
		{"export over two lines", "export\ndefault\nclass Script " + method("1"), "1"},
		{"export with a comment", "export /* here */ default /* it */ class Script " + method("1"), "1"},
		{"the words in comments and strings", "// module.exports = 5; export default 3\nclass Script " + method("'export { a }; import b' /* module */"), `"export { a }; import b"`},
		{"export as a key", "class Script " + method("({ export: 1, default: 2, import: 3 })"), `{"export":1,"default":2,"import":3}`},
		{"undeclared in an exported class", "export default class Script { process_incoming_request() { i = 4; return i } }", "4"},
		{"a comment at the end", "class Script " + method("1") + " // the end", "1"},
		{"constants and helpers after the class", "class Script { process_incoming_request() { return help(LIMIT, new Other()) } }\nconst LIMIT = 2;\nfunction help(a, b) { return a + b.n }\nclass Other { n = 3 }", "5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := outcome(tt.source, false); got != tt.want {
				t.Errorf("%s\n= %s, want %s", tt.source, got, tt.want)
			}
		})
	}
}

func TestModulesStrict(t *testing.T) {
	source := "'use strict';\nfunction f() { return typeof this }\nclass A { process_incoming_request() { return f() } }\nmodule.exports = A"
	if got, _ := outcome(source, true); got != `"undefined"` {
		t.Errorf("strict script with exports = %s", got)
	}
	if got, _ := outcome(strings.TrimPrefix(source, "'use strict';\n"), true); got != `"object"` {
		t.Errorf("sloppy script with exports = %s", got)
	}
}

func TestImportsAreRefused(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"// a\nimport x from 'y';\nclass Script {}", "compile: SyntaxError: Cannot use import statement outside a module (2:1)"},
		{"class Script {}\n  import 'y'", "compile: SyntaxError: Cannot use import statement outside a module (2:3)"},
		{"export default class Script {}\nimport { a } from 'y'", "compile: SyntaxError: Cannot use import statement outside a module (2:1)"},
		{"class Script {\n  async m() {\n    return await import('y') } }", "compile: SyntaxError: import() is not supported (3:18)"},
		{"const a = import.meta.url", "compile: SyntaxError: Cannot use 'import.meta' outside a module (1:11)"},
		{"import { T } from 'y'; const a: T = 1; import { v } from 'z'\nclass Script { m() { return v } }", "compile: SyntaxError: Cannot use import statement outside a module (1:40)"},
		{"export * from 'y'", "compile: SyntaxError: Unexpected token 'export' (1:1)"},
		{"export { a } from 'y'", "compile: SyntaxError: Unexpected token 'export' (1:1)"},
		{"const a = 1\nawait a\nclass Script {}", "compile: SyntaxError: await is only valid in async functions and the top level bodies of modules (2:1)"},
		{"class Script { m() { await 1 } }", "compile: SyntaxError: await is only valid in async functions and the top level bodies of modules (1:22)"},
		{"class Script {}\nreturn 1", "compile: SyntaxError: Illegal return statement (2:1)"},
		{"class Script { process_incoming_request() { return require('http') } }", "run: ReferenceError: require is not defined (1:52)"},
		{"class Script { process_incoming_request() { return process.env } }", "run: ReferenceError: process is not defined (1:52)"},
	} {
		if got, _ := outcome(tt.source, false); got != tt.want {
			t.Errorf("%s\n= %s, want\n  %s", tt.source, got, tt.want)
		}
	}
}
