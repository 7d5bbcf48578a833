package worker

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// runIn evaluates an expression in a new realm.
func runIn(t *testing.T, text string) (goja.Value, error) {
	t.Helper()
	return newRealm("", "", wire.DefaultLimits(), &names{}).runtime.RunString(text)
}

// TestGlobalsAreMadeWhenAskedFor holds that a realm makes none of them until a script does.
func TestGlobalsAreMadeWhenAskedFor(t *testing.T) {
	for _, g := range globals {
		t.Run(g.name, func(t *testing.T) {
			value, err := runIn(t, `
				const before = Object.getOwnPropertyDescriptor(globalThis, '`+g.name+`');
				const kind = typeof `+g.name+`;
				const after = Object.getOwnPropertyDescriptor(globalThis, '`+g.name+`');
				[!!before.get, kind !== 'undefined', after.get === undefined, after.writable, after.configurable, after.enumerable,
					before.enumerable, globalThis['`+g.name+`'] === after.value].join()`)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := value.String(), "true,true,true,true,true,false,false,true"; got != want {
				t.Errorf("%s: %s, want %s", g.name, got, want)
			}
		})
	}
}

// TestGlobalsMayBeReplaced holds that a script can use their names for its own.
func TestGlobalsMayBeReplaced(t *testing.T) {
	for _, text := range []string{
		"var NAME = 5; NAME", "let NAME = 5; NAME", "const NAME = 5; NAME", "NAME = 5; NAME", "'use strict'; NAME = 5; NAME",
		"function NAME() {} NAME = 5; NAME", "class NAME {} 5", "var NAME = NAME || 1; typeof NAME === 'number' ? 0 : 5",
		"globalThis.NAME = 5; NAME", "delete globalThis.NAME; typeof NAME === 'undefined' ? 5 : 0",
		"Object.defineProperty(globalThis, 'NAME', {value: 5}); NAME", "Object.freeze(globalThis); NAME === NAME ? 5 : 0",
		"((NAME) => NAME)(5)",
	} {
		for _, g := range globals {
			value, err := runIn(t, strings.ReplaceAll(text, "NAME", g.name))
			if err != nil || value.ToInteger() != 5 {
				t.Errorf("%s: %v, %v, want 5", strings.ReplaceAll(text, "NAME", g.name), value, err)
			}
		}
	}
}

// TestGlobalsWithHostileArguments calls everything there is with everything that can go wrong. All
// of it must end as a value or as an exception that a script can catch.
func TestGlobalsWithHostileArguments(t *testing.T) {
	var list strings.Builder
	for _, g := range globals {
		if g.name != "_" && g.name != "moment" { // they are JavaScript themselves
			list.WriteString("'" + g.name + "',")
		}
	}
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	r.outside = &silent{}
	value, err := r.runtime.RunString(`
		const boom = () => { throw new Error('hostile') };
		const trap = new Proxy(function () {}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, apply: boom, construct: boom });
		const revoked = Proxy.revocable({}, {}); revoked.revoke();
		const values = [undefined, null, -1, NaN, Infinity, 2 ** 31, 1e15, '', 'x', '\ud800', Symbol('s'), 10n, true, trap, revoked.proxy,
			{ toString: boom }, { valueOf: boom, toString: () => 'v' }, { get length() { boom() } }, { length: 1e15 }, { length: -1 }, [[]], [Symbol()], boom, () => trap,
			new Uint8Array(3), new ArrayBuffer(2), new Map(), Object.create(null), { then: boom }, { get type() { return trap } },
			{ [Symbol.iterator]: () => ({ next: boom }) }, { headers: trap, method: 'POST', body: trap }, { signal: trap }, { name: 'HMAC', hash: trap }];
		let calls = 0, thrown = 0;
		const call = (f, self, args) => {
			calls++;
			try { f.apply(self, args) } catch (e) { thrown++ }
			try { Reflect.construct(f, args) } catch (e) { thrown++ }
		};
		const members = (object) => { try { return Object.getOwnPropertyNames(object) } catch (e) { return [] } };
		const visit = (object, selves) => {
			for (const name of members(object)) {
				const property = Object.getOwnPropertyDescriptor(object, name);
				for (const f of [property.value, property.get, property.set]) {
					if (typeof f !== 'function' || name === 'constructor') continue;
					for (const self of selves) for (const a of values) for (const b of ['utf8', trap]) call(f, self, [a, b, a, b]);
				}
			}
		};
		const made = { URL: ['http://h/p?q#f'], Buffer: ['text'], Request: ['http://h/'], Response: ['{}'] };
		for (const name of [` + list.String() + `]) {
			if (name === 'console' || name === 'Store') continue;
			const global = globalThis[name];
			const selves = [global, undefined, trap];
			if (typeof global === 'function') {
				for (const a of values) for (const b of values) call(global, undefined, [a, b]);
				try { selves.push(new global(...(made[name] || []))) } catch (e) {}
				if (global.prototype) visit(global.prototype, selves);
			}
			visit(global, selves);
		}
		for (const o of [crypto.createHash('md5'), crypto.createHmac('md5', 'k'), crypto.subtle]) visit(Object.getPrototypeOf(o) === Object.prototype ? o : Object.getPrototypeOf(o), [o, {}, trap]);
		calls + ' ' + thrown`)
	if err != nil {
		t.Fatal(err)
	}
	calls, thrown, _ := strings.Cut(value.String(), " ")
	t.Logf("%s calls, %s threw", calls, thrown)
	if len(calls) < 5 || len(thrown) < 4 {
		t.Errorf("%s calls, %s threw: the test does not reach them", calls, thrown)
	}
}

// silent takes questions and never answers.
type silent struct{ network }

func (silent) start(_, _ []byte) (uint32, error) {
	return 1, &wire.CallError{Message: "nobody listens"}
}

// TestSizesAreBounded holds that nothing large is made at once.
func TestSizesAreBounded(t *testing.T) {
	for _, text := range []string{
		`s.pad('x', 2 ** 31 - 1)`, `s.lrpad('x', 1e9, '0')`, `Buffer.alloc(1e12)`, `Buffer.from({ length: 1e12 })`, `crypto.randomBytes(1e10)`,
		`Buffer.concat({ length: 1e12 })`, `new Buffer(1e11)`, `Buffer.concat([], 1e12)`,
	} {
		if _, err := runIn(t, text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestLibraries(t *testing.T) {
	for text, want := range map[string]string{
		`_.VERSION`: "4.17.21",
		`_.chain([3, 1, 2]).sortBy().map(n => n * 2).join('-').value()`:                                      "2-4-6",
		`_.groupBy(['one', 'two', 'three'], 'length')[3].join()`:                                             "one,two",
		`_.template('hi <%= name %>')({ name: 'you' })`:                                                      "hi you",
		`_.isEqual({ a: [1, new Date(5)] }, { a: [1, new Date(5)] }) + '' + _.get({ a: { b: 7 } }, 'a.b')`:   "true7",
		`_._ === undefined || _._ === _`:                                                                     "true",
		`moment.version`:                                                                                     "2.30.1",
		`moment.utc('2024-02-28T23:00:00Z').add(2, 'hours').format('dddd, MMMM Do YYYY, HH:mm')`:             "Thursday, February 29th 2024, 01:00",
		`moment.duration(90, 'minutes').humanize()`:                                                          "2 hours",
		`moment.utc(0).locale('de').format('MMMM')`:                                                          "January", // English is all there is
		`typeof module + typeof exports + typeof require + typeof define`:                                    "undefinedundefinedundefinedundefined",
		`Object.prototype.x = 1; var define = function () {}; define.amd = {}; typeof _.map + typeof moment`: "functionfunction",
	} {
		value, err := runIn(t, text)
		if err != nil || value.String() != want {
			t.Errorf("%s = %v, %v, want %s", text, value, err, want)
		}
	}
}

// TestStrings holds s to what underscore.string's documentation says of each function, and pad to
// Rocket.Chat's side.
func TestStrings(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`s.truncate('Hello world', 5)`, "Hello..."},
		{`s.truncate('Hello', 10)`, "Hello"},
		{`s.truncate('Hello', 5)`, "Hello"},
		{`s.truncate('Cras justo odio', 14, '…')`, "Cras justo odi…"},
		{`s.truncate('abc', '2')`, "ab..."},
		{`s.truncate('abc')`, "..."},
		{`s.truncate('')`, ""},
		{`s.truncate(null, 3)`, ""},
		{`s.truncate('a😀b', 1)`, "a..."},
		{`s.trim('  foobar   ')`, "foobar"},
		{`s.trim('\u00a0\ufeff x\n')`, "x"},
		{`s.trim('_-foobar-_', '_-')`, "foobar"},
		{`s.trim('xx[a]xx', 'x')`, "[a]"},
		{`s.trim('12ab34', /\d/)`, "ab"},
		{`s.trim(undefined)`, ""},
		{`s.trim(5)`, "5"},
		{`s.ltrim('  x ')`, "x "},
		{`s.ltrim('--x-', '-')`, "x-"},
		{`s.rtrim('  x ')`, "  x"},
		{`s.rtrim('x--', '-')`, "x"},
		{`s.capitalize('foo Bar')`, "Foo Bar"},
		{`s.capitalize('FOO Bar', true)`, "Foo bar"},
		{`s.capitalize('ßa')`, "SSa"},
		{`s.capitalize('')`, ""},
		{`s.stripTags('a <a href="#">link</a>')`, "a link"},
		{`s.stripTags('a <a href="#">link</a><script>alert("hello world!")</script>')`, `a linkalert("hello world!")`},
		{`s.stripTags('1 < 2 and 3 > 2')`, "1  2"},
		{`s.stripTags('a <> b </> c <')`, "a <> b  c <"},
		{`s.strLeft('This_is_a_test_string', '_')`, "This"},
		{`s.strLeft('none', '_')`, "none"},
		{`s.strLeft('none', '')`, "none"},
		{`s.strLeft('none')`, "none"},
		{`s.strRight('This_is_a_test_string', '_')`, "is_a_test_string"},
		{`s.strRight('none', '_')`, "none"},
		{`s.strRightBack('This_is_a_test_string', '_')`, "string"},
		{`s.strRightBack('none', '_')`, "none"},
		{`s.numberFormat(1000, 2)`, "1,000.00"},
		{`s.numberFormat(123456789.123, 5, '.', ',')`, "123,456,789.12300"},
		{`s.numberFormat(123456789.123, 2, ',', '.')`, "123.456.789,12"},
		{`s.numberFormat(1000)`, "1,000"},
		{`s.numberFormat(-123456)`, "-123,456"},
		{`s.numberFormat(999)`, "999"},
		{`s.numberFormat('1234.5', 1)`, "1,234.5"},
		{`s.numberFormat(1234, 0, '.', '')`, "1234"},
		{`s.numberFormat('x')`, ""},
		{`s.numberFormat(null)`, ""},
		{`s.numberFormat(1e21)`, "1e+21"},
		{`s.pad('1', 8)`, "1       "},
		{`s.pad('1', 8, '0')`, "10000000"},
		{`s.pad('1', 8, '0', 'left')`, "00000001"},
		{`s.pad('1', 8, '0', 'right')`, "10000000"},
		{`s.pad('1', 8, '0', 'both')`, "00001000"},
		{`s.pad('1', 8, 'bleepblorp', 'both')`, "bbbb1bbb"},
		{`s.pad('long', 2)`, "long"},
		{`s.pad(null, 2, '-')`, "--"},
		{`s.lrpad('1', 8, '0')`, "00001000"},
		{`s.lrpad('ab', 5)`, "  ab "},
		{`Object.keys(s).sort().join()`, "capitalize,lrpad,ltrim,numberFormat,pad,rtrim,strLeft,strRight,strRightBack,stripTags,trim,truncate"},
	} {
		value, err := runIn(t, tt.text)
		if err != nil || value.String() != tt.want {
			t.Errorf("%s = %v, %v, want %q", tt.text, value, err, tt.want)
		}
	}
}

func BenchmarkNewRealm(b *testing.B) {
	names := &names{}
	b.ReportAllocs()
	for b.Loop() {
		newRealm("", "", wire.DefaultLimits(), names)
	}
}

func BenchmarkFirstUse(b *testing.B) {
	for _, name := range []string{"_", "moment", "s", "URL", "Buffer", "crypto", "fetch", "Response"} {
		b.Run(name, func(b *testing.B) {
			names := &names{}
			program := goja.MustCompile("", name, false)
			for b.Loop() {
				b.StopTimer()
				r := newRealm("", "", wire.DefaultLimits(), names)
				b.StartTimer()
				if _, err := r.runtime.RunProgram(program); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestBuiltinsMayBeTakenAway holds that a script without a built-in that ours call meets an exception at
// worst, which it can catch.
func TestBuiltinsMayBeTakenAway(t *testing.T) {
	for _, text := range []string{
		"delete globalThis.RangeError; 'a'.repeat(-1)",
		"RangeError = undefined; 'a'.repeat(-1)",
		"delete Object.getOwnPropertySymbols; console.log(new Error('x'))",
		"delete globalThis.Object; console.log(new Error('x'), new Map([[1, 2]]))",
	} {
		r := newRealm("", "", wire.DefaultLimits(), &names{})
		r.mendFor("eval")
		if err := guard(func() error {
			_, err := r.runtime.RunString("try { " + text + " } catch (e) {}")
			return err
		}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
