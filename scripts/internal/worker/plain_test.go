package worker

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestPlainLayoutIsKnown fails where the engine has changed inside, and building has become slower.
func TestPlainLayoutIsKnown(t *testing.T) {
	if _, ok := plainLayout(); !ok {
		t.Error("the engine's plain objects are not what plain.go knows")
	}
}

// touched are what scripts do with a value v. Each is done to one that we have built and to one
// that the engine has parsed.
var touched = []string{
	`Object.keys(v)`, `Object.getOwnPropertyNames(v)`, `Object.entries(v)`, `Reflect.ownKeys(v).length`, `JSON.stringify(v, null, 4)`,
	`const seen = []; for (const k in v) seen.push(k); seen`,
	`const seen = []; for (const k in v) { seen.push(k); delete v[k]; v[k + '2'] = 1; if (seen.length > 50) break } [seen, v]`,
	`v.length; Object.getOwnPropertyDescriptors(v)`, `({...v, z: 1})`, `Object.assign({}, v)`, `const {a, ...rest} = v; [a, rest]`,
	`v.added = 1; v.a = 'changed'; v`, `v[5] = 1; v[3] = 2; v['04'] = 3; v`, `delete v.a; v.a = 'last'; v`, `delete v[1]; Object.keys(v)`,
	`Object.defineProperty(v, 'a', {enumerable: false}); [Object.keys(v), Object.getOwnPropertyDescriptor(v, 'a')]`,
	`Object.defineProperty(v, 'a', {get: () => 7, configurable: true}); [v.a, Object.keys(v)]`,
	`'use strict'; Object.freeze(v); let e = ''; try { v.a = 9 } catch (x) { e = x.name } [e, Object.isFrozen(v), v]`,
	`Object.seal(v); delete v.a; v.new1 = 1; [Object.isSealed(v), v]`, `Object.preventExtensions(v); v.new1 = 1; [Object.isExtensible(v), v]`,
	`[v instanceof Object, v instanceof Array, Array.isArray(v), typeof v, Object.prototype.toString.call(v), String(v.constructor && v.constructor.name)]`,
	`[Object.getPrototypeOf(v) === (Array.isArray(v) ? Array : Object).prototype, Object.hasOwn(v, 'a'), 'a' in v, 'toString' in v, v.hasOwnProperty('__proto__')]`,
	`[v.__proto__ === Object.prototype, v.__proto__]`, `v.__proto__ = {inherited: 1}; [v.inherited, Object.keys(v)]`, `Object.setPrototypeOf(v, {inherited: 2}); v.inherited`,
	`const heir = Object.create(v); heir.a = 1; [heir, v, Object.keys(heir)]`, `v.self = v; v.self.self === v`,
	`new Map([[v, 1]]).get(v)`, `new WeakSet([v]).has(v)`, `structured(v)`, `Object.fromEntries(Object.entries(v).reverse())`,
	`Array.from(v.length === undefined ? Object.values(v) : v)`, `Array.isArray(v) ? [v.concat([1]), v.slice(1), v.length, v.map(String), [...v].reverse(), v.push(1), v.pop(), v.splice(0, 1), v] : v`,
	`Array.isArray(v) ? (v.length = 1, v[3] = 'x', v) : v`, `Array.isArray(v) ? v.sort() : v`,
}

var touchedTexts = []string{
	`{}`, `[]`, `{"a":1}`, `{"a":1,"b":{"a":[1,2,{"a":null}]},"c":"x","a":2}`, `{"2":1,"a":2,"1":3,"b":4,"-1":5,"01":6,"4294967295":7}`,
	`{"__proto__":{"x":1},"constructor":null,"toString":1,"hasOwnProperty":2,"length":3,"a":[]}`, `{"é":1,"😀":2,"a":"\u00e9\n","":5}`,
	`[1,"a",null,true,[2],{"a":1},1.5,-0]`, `["b","a","c"]`, `{"a":"` + strings.Repeat("long", 50) + `","` + strings.Repeat("name", 50) + `":1}`, wide(7), wide(8), wide(9), wide(100),
}

// wide is an object of so many members.
func wide(members int) string {
	var out strings.Builder
	for i := range members {
		fmt.Fprintf(&out, `,"m%d":{"a":%d,"x":"%d"}`, i, i, i)
	}
	return `{"a":0` + out.String() + `}`
}

func TestBuiltValuesAreTheEngines(t *testing.T) {
	push, err := os.ReadFile("../../testdata/github-push.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(touchedTexts, string(push)) {
		for _, code := range touched {
			want := touchedValue(t, code, func(r *realm) (goja.Value, error) {
				return r.runtime.RunString("JSON.parse(" + quoted(r, text) + ", (key, value) => value)") // with a function it is the engine's
			})
			for _, layouts := range []bool{true, false} {
				got := touchedValue(t, code, func(r *realm) (goja.Value, error) {
					r.builder.layouts = layouts
					return r.builder.build([]byte(text))
				})
				if got != want {
					t.Errorf("layouts %v: %.200s: %s\n  got  %.1000s\n  want %.1000s", layouts, text, code, got, want)
				}
			}
		}
	}
}

// touchedValue is what the code makes of a value, in a realm of its own.
func touchedValue(t *testing.T, code string, build func(*realm) (goja.Value, error)) string {
	t.Helper()
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	v, err := build(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.runtime.Set("v", v); err != nil {
		t.Fatal(err)
	}
	result, err := r.runtime.RunString("var structured = (x) => x && typeof x === 'object' ? (Array.isArray(x) ? x.map(structured) : Object.fromEntries(Object.entries(x).map(([k, y]) => [k, structured(y)]))) : x;\n" +
		"eval(" + quoted(r, code) + ")")
	if err != nil {
		return r.fault(err).Error()
	}
	text, err := r.natives.stringify(nil, result)
	if err != nil {
		return r.fault(err).Error()
	}
	return text.String()
}

func quoted(r *realm, text string) string {
	literal, err := r.natives.stringify(nil, r.runtime.ToValue(text))
	if err != nil {
		panic(err)
	}
	return literal.String()
}
