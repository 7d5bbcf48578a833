package worker

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// stringified are expressions whose JSON text is written twice, by the engine and by us. What they
// do on the way they note with log.
var stringified = []string{
	`({})`, `[]`, `[[],{}]`, `null`, `undefined`, `true`, `"a"`, `''`, `0`, `-0`, `1e21`, `1.5e-7`, `NaN`, `-Infinity`, `123456789012345680000`,
	`({a:1,b:undefined,c:null,d:()=>1,e:Symbol('x'),f:NaN,g:[undefined,()=>1,Symbol(),NaN]})`, `Symbol('x')`, `(() => 1)`, `(class A {})`,
	`({2:1,b:1,1:1,a:1})`, `({['__proto__']:1,constructor:2,toString:3})`, `Object.create({inherited:1})`, `Object.create(null)`,
	`"\u0000\u001f\"\\/\b\f\n\r\t\u007f\u2028é😀"`, `"\ud800"`, `"a\udc00b\ufffd"`, `({"\ud800":1,"\udfff":2,"\ufffd":3})`, `({"\n\"":1,"é":2,"😀":3})`,
	`new Date(0)`, `[new Date(NaN)]`, `/x/g`, `new Map([[1,2]])`, `new Set([1])`, `new Error('x')`, `Promise.resolve(1)`, `new Uint8Array([1,2])`, `Math`, `JSON`,
	`new Number(3)`, `new String('s')`, `new Boolean(false)`, `[Object(1),Object('a'),Object(true)]`, `Object(10n)`, `10n`, `({a:[1n]})`,
	`(() => { BigInt.prototype.toJSON = function (k) { log(typeof this, k); return String(this) + 'n' }; return {a: 1n, b: [2n]} })()`,
	`(() => { const n = new Number(1); n.valueOf = () => { log('valueOf'); return 7 }; return [n] })()`,
	`(() => { const s = new String('x'); s.toString = () => { log('toString'); return 'y' }; return [s] })()`,
	`({toJSON: (k) => { log('toJSON', k); return {k} }})`, `({a:{toJSON: (k) => { log('toJSON', k); return undefined }}, b:[{toJSON: (k) => k}]})`,
	`({toJSON: 5, a: 1})`, `({toJSON() { return () => 1 }})`, `({toJSON() { return new Number(4) }})`, `({toJSON() { return 1n }})`, `({toJSON() { throw new RangeError('no') }})`,
	`({"\ud800": {toJSON: (k) => escape(k)}})`,
	`({get a() { log('a'); return 1 }, get b() { log('b'); throw new TypeError('b') }, c: 1})`,
	`(() => { const o = {a: 1, get b() { delete this.c; this.d = 4; return 2 }, c: 3}; return o })()`,
	`(() => { const o = {a: {toJSON() { delete o.b; o.c = 5; o.e = 7; return 1 }}, b: 2, c: 3, d: 4}; return o })()`,
	`(() => { const o = {a: {toJSON() { Object.defineProperty(o, 'b', {get() { log('b'); return 6 }, enumerable: false}); return {z: 1} }}, b: 2}; return [o, o] })()`,
	`(() => { Object.prototype.b = 'inherited'; const o = {a: {toJSON() { delete o.b; return 1 }}, b: 2}; return o })()`,
	`({b: 1, "10": 2, a: 3, "9": 4, "": 5, "-1": 6, x: {"0": {y: [{}, {z: null}]}}})`,
	`(() => { const a = [1, 2, 3]; Object.defineProperty(a, 1, {get() { log('1'); a.length = 2; return 'x' }}); return a })()`,
	`(() => { const a = [1,,3]; a.x = 1; Array.prototype[1] = 'hole'; return a })()`, `(() => { const a = []; a[5] = 1; return a })()`,
	`(() => { const o = {}; Object.defineProperty(o, 'hidden', {value: 1}); o[Symbol('s')] = 2; o.seen = 3; return o })()`,
	`(() => { const o = {a: {}}; o.a.b = [o]; return o })()`, `(() => { const a = []; a.push(a); return a })()`, `(() => { const s = {x: 1}; return [s, s, {s}] })()`,
	`new Proxy({a: 1, b: {c: 2}}, logging('o'))`, `new Proxy([1, [2]], logging('a'))`, `[new Proxy(function () {}, logging('f'))]`,
	`new Proxy({}, {ownKeys: () => ['x', 'y', '\ud800'], getOwnPropertyDescriptor: (t, k) => { log(escape(k)); return {value: 1, enumerable: k !== 'x', configurable: true} }, get: (t, k) => { log('get', escape(String(k))); return k === 'toJSON' ? undefined : 5 }})`,
	`new Proxy([], {get: (t, k) => k === 'length' ? 2 : k === 'toJSON' ? undefined : String(k)})`,
	`(() => { const r = Proxy.revocable({}, {}); r.revoke(); return [r.proxy] })()`,
	`(() => { Object.prototype.toJSON = function (k) { log('proto', k); return this }; return {a: [{}], b: new Date(0)} })()`,
	`(() => { Object.prototype.x = 1; return {y: 2} })()`, `(function () { return arguments })(1, 2)`, `(class { a = 1; #b = 2; get c() { return 3 } static d = 4 })`,
	`new (class { a = 1; #b = 2; get c() { return 3 } })()`, `new (class extends Array { constructor() { super(); this.push(1); this.x = 2 } })()`,
	`JSON.rawJSON('1.50')`, `[JSON.rawJSON('"x"')]`, `Object.freeze({a: Object.freeze([1])})`, `globalThis.undefinedName`, `Array(3)`, `({a: Array(2)})`, `"x".repeat(3000)`,
	`[1.1, 100, 1e300, 5e-324, 0.1 + 0.2, 2 ** 53, -(2 ** 31), 4294967296]`,
}

func TestStringify(t *testing.T) {
	for _, expression := range stringified {
		want := newStringifying(t, expression).written(func(r *realm, v goja.Value) (string, error) {
			text, err := r.natives.stringify(goja.Undefined(), v)
			if err != nil {
				return "", err
			}
			return text.String(), nil
		})
		got := newStringifying(t, expression).written(func(r *realm, v goja.Value) (string, error) {
			text, defined, err := r.stringify(v, 1<<20)
			if !defined {
				text = "undefined"
			}
			return text, err
		})
		if got != want {
			t.Errorf("%s\n  got  %s\n  want %s", expression, got, want)
		}
	}
}

// stringifying is a realm of its own with the value of one expression.
type stringifying struct {
	realm *realm
	value goja.Value
	log   []string
}

func newStringifying(t *testing.T, expression string) *stringifying {
	t.Helper()
	s := &stringifying{realm: newRealm("", "", wire.DefaultLimits(), &names{})}
	_ = s.realm.runtime.Set("log", func(c goja.FunctionCall) goja.Value {
		for _, a := range c.Arguments {
			s.log = append(s.log, a.String())
		}
		return goja.Undefined()
	})
	value, err := s.realm.runtime.RunString(`
		var logging = (name) => new Proxy({}, {get: (t, trap) => (...a) => {
			log(name, trap, typeof a[1] === 'string' ? a[1] : '')
			return Reflect[trap](...a)
		}});
		` + expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	s.value = value
	return s
}

// written is the text or the error, and what was noted meanwhile.
func (s *stringifying) written(write func(*realm, goja.Value) (string, error)) string {
	s.log = nil
	text, err := write(s.realm, s.value)
	if err != nil {
		text = s.realm.fault(err).Error()
	}
	return text + " | " + strings.Join(s.log, " ")
}

func TestStringifyStopsAtItsLimit(t *testing.T) {
	s := newStringifying(t, `(() => { let v = 'x'.repeat(100); for (let i = 0; i < 40; i++) v = [v, v]; return v })()`)
	text, _, err := s.realm.stringify(s.value, 1000)
	if err != nil || len(text) < 1000 || len(text) > 2000 {
		t.Errorf("%d bytes of endless text, %v", len(text), err)
	}
	s = newStringifying(t, `(() => { let v = 1; for (let i = 0; i < 20000; i++) v = {v}; return v })()`)
	_, _, err = s.realm.stringify(s.value, 1<<20)
	if _, ok := err.(nestedError); !ok { //nolint:errorlint // never wrapped
		t.Errorf("20000 levels: %v", err)
	}
}
