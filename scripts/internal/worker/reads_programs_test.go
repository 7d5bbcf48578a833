package worker

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestReadsOfPrograms does as TestReads with scripts that nobody would write: they hand parts of
// their request from one place to another, and look at a member of them where they end up.
func TestReadsOfPrograms(t *testing.T) {
	const programs = 400
	understood := 0
	for seed := range uint64(programs) {
		random := rand.New(rand.NewPCG(seed, 1))
		choices := make([]byte, 64)
		for i := range choices {
			choices[i] = byte(random.Uint32())
		}
		if programCase(choices).check(t) {
			understood++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if understood < programs/2 {
		t.Errorf("of %d programs %d were understood", programs, understood)
	}
}

func FuzzReads(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Fuzz(func(t *testing.T, choices []byte) { programCase(choices).check(t) })
}

func programCase(choices []byte) readCase {
	p := &program{choices: choices}
	return readCase{
		source: p.script(), content: nested("c", 4),
		argument: `{"request":{"headers":` + nested("h", 2) + `,"url_params":` + nested("u", 2) + `}}`,
	}
}

const memberNames = 5

// nested is a document whose objects and arrays have alike members at all levels.
func nested(path string, depth int) string {
	if depth == 0 {
		return `"` + path + `"`
	}
	var members []string
	for i := range memberNames {
		name := fmt.Sprint("m", i)
		value := nested(path+name, depth-1)
		if i%2 == 1 {
			value = "[" + value + "]"
		}
		members = append(members, fmt.Sprintf("%q:%s", name, value))
	}
	members = append(members, `"0":`+nested(path+"0", min(depth-1, 2)))
	if strings.HasSuffix(path, "m4") {
		members = append(members, `"toString":"own"`)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// way hands VALUE on. V1 and V2 are names of variables, M1 and M2 of members.
type way struct {
	top, class, body string // what is added to the script, to its class and to its method
	gives            string // the expression that has the value then; one of several
}

var ways = []way{
	{body: "var V1 = VALUE;", gives: "V1"},
	{body: "var { M1: V1 = V2 } = VALUE;", gives: "V1"},
	{body: "var { M1, ...V1 } = VALUE;", gives: "V1 OR M1"},
	{body: "var [V1] = VALUE;", gives: "V1"},
	{body: "var [V2, ...V1] = [1, VALUE];", gives: "V1[0]"},
	{body: "var V1; [V1] = [VALUE];", gives: "V1"},
	{body: "var V1; ({ M1: V1 } = VALUE);", gives: "V1"},
	{body: "var V1; for (V1 of [VALUE]) { }", gives: "V1"},
	{body: "var V1; for (const x of VALUE) V1 = x;", gives: "V1"},
	{body: "var V1; for (const k in VALUE) V1 = VALUE[k];", gives: "V1"},
	{body: "var V1; try { throw VALUE; } catch (x) { V1 = x; }", gives: "V1"},
	{body: "var V1; try { throw { x: VALUE }; } catch ({ x }) { V1 = x; }", gives: "V1"},
	{body: "kept.V2 = VALUE;", gives: "kept.V2"},
	{body: "kept['V2' + 1] = VALUE;", gives: "kept.V21"},
	{body: "kept.list.push(VALUE);", gives: "kept.list[kept.list.length - 1]"},
	{body: "this.V2 = VALUE;", gives: "this.V2"},
	{body: "const V2 = this; V2.xV1 = VALUE;", gives: "this.xV1"},
	{body: "var V1 = { x: VALUE };", gives: "V1.x"},
	{body: "var V1 = [0, VALUE];", gives: "V1[1] OR V1.at(1) OR V1.pop() OR V1.slice(1)[0] OR V1.reverse()[0] OR V1.find((x) => x) OR [...V1][1]"},
	{body: "var V1 = { ...VALUE };", gives: "V1"},
	{body: "var V1 = Object.assign({}, VALUE);", gives: "V1"},
	{body: "var V1 = JSON.parse(JSON.stringify(VALUE));", gives: "V1"},
	{body: "var V1 = Object.values(VALUE)[2];", gives: "V1"},
	{body: "var V1 = Object.entries(VALUE).find(([k]) => k === 'M1')?.[1];", gives: "V1"},
	{body: "var V1 = null || VALUE;", gives: "V1"},
	{body: "var V1 = VALUE && VALUE;", gives: "V1"},
	{body: "var V1 = [] && VALUE;", gives: "V1"},
	{body: "var V1 = (0, VALUE);", gives: "V1"},
	{body: "var V1 = out === 5 ? 1 : VALUE;", gives: "V1"},
	{body: "var V1, V2 = (V1 = VALUE);", gives: "V1 OR V2"},
	{body: "var V1; V1 ||= VALUE;", gives: "V1"},
	{body: "var { zV1 = VALUE } = {};", gives: "zV1"},
	{body: "var V1 = (VALUE)[0];", gives: "V1"},
	{body: "var V1 = (VALUE)[1 - 1];", gives: "V1"},
	{body: "var V1 = (VALUE)[+'0'];", gives: "V1"},
	{body: "var V1 = (VALUE)['0'];", gives: "V1"},
	{body: "var V1 = (VALUE)[`0`];", gives: "V1"},
	{body: "for (let i = 0; i < VALUE.length; i++) { var V1 = VALUE[i]; }", gives: "V1"},
	{top: "function fV1(x, y) { return x; }", gives: "fV1(VALUE, 1)"},
	{top: "const fV1 = (x) => x;", gives: "fV1(VALUE)"},
	{top: "const fV1 = function (x) { if (out === 5) return 1; return x.M1; };", gives: "fV1(VALUE)"},
	{top: "function fV1({ M1: x, y = 1 }) { return x; }", gives: "fV1(VALUE)"},
	{top: "function fV1(...x) { return x[1]; }", gives: "fV1(0, VALUE)"},
	{top: "function fV1(x, y) { return y; }", gives: "fV1(...[0, VALUE]) OR fV1(...[0], VALUE)"},
	{top: "function fV1(x, y = x) { return y; }", gives: "fV1(VALUE)"},
	{top: "let kV1; function fV1(x) { kV1 = x; } function gV1() { return kV1; }", body: "fV1(VALUE);", gives: "gV1() OR kV1"},
	{top: "function fV1(fn, x) { return fn(x); }", gives: "fV1((x) => x.M1, VALUE)"},
	{top: "function fV1(fn) { return fn(); }", gives: "fV1(() => VALUE)"},
	{top: "let fV1 = (x) => 1; fV1 = (x) => x;", gives: "fV1(VALUE)"},
	{top: "let fV1 = (x) => 1; fV1 = [(x) => x][0];", gives: "fV1(VALUE)"},
	{top: "function fV1(x) { return 1; }", body: "fV1 = [(z) => z][0];", gives: "fV1(VALUE)"},
	{top: "const oV1 = { f(x) { return x; }, g: (x) => x.M1 };", gives: "oV1.f(VALUE) OR oV1.g(VALUE)"},
	{top: "const oV1 = { get h() { return oV1.k; }, set i(x) { oV1.k = x; } };", body: "oV1.i = VALUE;", gives: "oV1.h"},
	{top: "const fV1 = { M1: (x) => x };", gives: "fV1['M1'](VALUE)"},
	{class: "fV1(x) { return x; }", gives: "this.fV1(VALUE)"},
	{class: "fV1(x, y) { return this.gV1(y); } gV1(x) { return x.M1; }", gives: "this.fV1(0, VALUE)"},
	{class: "fV1 = (x) => x;", gives: "this.fV1(VALUE)"},
	{class: "static fV1(x) { return x; }", gives: "Script.fV1(VALUE)"},
	{class: "get fV1() { return kept.xV1; }", body: "kept.xV1 = VALUE;", gives: "this.fV1"},
	{class: "set fV1(x) { kept.xV1 = x; }", body: "this.fV1 = VALUE;", gives: "kept.xV1"},
	{class: "fV1(x) { return x; }", body: "this.fV1 = (x) => x.M1;", gives: "this.fV1(VALUE)"},
	{class: "fV1(x) { return x; }", gives: "(0, this.fV1)(VALUE) OR [this.fV1][0](VALUE)"},
	{class: "#fV1(x) { return x; } fV1(x) { return this.#fV1(x); }", gives: "this.fV1(VALUE)"},
	{gives: "super.echo(VALUE) OR this.echo(VALUE)"},
	{gives: "((x) => x)(VALUE) OR (function (x) { return x; })(VALUE) OR (() => VALUE)()"},
	{gives: "[VALUE].map((x) => x)[0] OR [VALUE].map((x) => ({ x }))[0].x OR [VALUE].filter((x) => x)[0] OR [VALUE].find((x) => x)"},
	{gives: "[VALUE].reduce((a, x) => x, 0) OR [VALUE].reduce((a, x) => x) OR [VALUE].concat([1])[0] OR [1].concat([VALUE])[1] OR [VALUE].flat()[0]"},
	{gives: "[VALUE].sort()[0] OR [VALUE].flatMap((x) => [x])[0] OR [VALUE].slice()[0] OR [VALUE].shift() OR [VALUE].at(0)"},
	{gives: "['M1', 'M2'].reduce((o, k) => o?.[k], VALUE) OR ['M1', 'm' + 2].map((k) => VALUE?.[k])[1]"},
	{body: "var V1; [VALUE].forEach((x) => { V1 = x; });", gives: "V1"},
	{body: "var V1 = []; [VALUE].forEach((x) => V1.push(x));", gives: "V1[0]"},
	{top: "function fV1(x) { return x; }", gives: "[VALUE].map(fV1)[0] OR Array.from([VALUE], fV1)[0] OR _.map([VALUE], fV1)[0]"},
	{top: "function fV1(x) { return x; }", gives: "fV1.call(null, VALUE) OR fV1.apply(null, [VALUE]) OR fV1.bind(null, VALUE)()"},
	{top: "const oV1 = { f: (x) => x.M1 };", gives: "[VALUE].map(oV1.f)[0] OR VALUE.map(oV1.f) OR VALUE.flatMap(oV1.f)"},
	{top: "const oV1 = { find(fn) { return { y: fn() }; } };", body: "var V1 = out === 5 ? request.content : oV1;", gives: "V1.find(() => VALUE).y"},
	{top: "let kV1; function fV1() { return kV1; }", body: "kV1 = VALUE; kept.V2 = fV1;", gives: "kept.V2()"},
	{top: "let kV1; const gV1 = () => kV1;", body: "kV1 = VALUE; kept.V2 = gV1;", gives: "kept.V2()"},
	{top: "let kV1;", class: "hV1() { return kV1; }", body: "kV1 = VALUE; kept.V2 = this.hV1;", gives: "kept.V2()"},
	{top: "let kV1; function fV1() { return kV1; }", body: "kV1 = VALUE;", gives: "[fV1][0]() OR ({ fV1 }).fV1() OR (0, fV1)() OR Reflect.apply(fV1, null, []) OR fV1.call(null)"},
	{top: "let kV1; function aV1(fn) { return fn(); } function fV1() { return kV1; }", class: "hV1() { return kV1; }", body: "kV1 = VALUE;", gives: "aV1(fV1) OR aV1(this.hV1) OR this['h' + 'V1']()"},
	{body: "var V1 = function () { return VALUE; };", gives: "V1() OR V1.call(null)"},
	{top: "function fV1(fV2) { return fV2(kept.xV1); } function gV1(x) { return x; }", body: "kept.xV1 = VALUE;", gives: "fV1(gV1)"},
	{gives: "(function fV1(x, n) { return n ? fV1(x?.M1, 0) : x; })(VALUE, 1)"},
	{top: "const gV1 = function fV1(x, n) { return n ? fV1(x?.M1, 0) : x; };", gives: "gV1(VALUE, 1)"},
	{top: "function fV1(x) { return 1; }", gives: "[VALUE].map(function fV1(x, n) { return n === 5 ? 1 : fV1(x.M1, 5) || x; })[0]"},
	{top: "let fV1;", body: "kept.V2 = fV1 = (x) => x.M1;", gives: "kept.V2(VALUE) OR fV1(VALUE)"},
	{top: "let kV1, fV1, gV1;", body: "kV1 = VALUE; gV1 = fV1 = () => kV1;", gives: "gV1() OR fV1()"},
	{top: "function fV1({ n = 1, x = fV1({ n: 0, x: 1 }) } = {}) { return x; }", gives: "fV1({ x: VALUE }) OR fV1({ n: VALUE })"},
	{class: "static fV1(x) { return x.M1; } fV1(x) { return x; } static gV1(x) { return this.fV1(x); }", gives: "Script.gV1(VALUE)"},
	{body: "let kV1; if (out !== 5) kV1 = 'M1'; else kV1 = 'M2';", gives: "VALUE?.[kV1]"},
	{gives: "[VALUE]['map']((x) => x)[0] OR [VALUE]['at'](0) OR [VALUE]['slice'](0)[0] OR VALUE['map']((x) => x.M1) OR VALUE?.['find']((x) => x) OR VALUE['at'](0)"},
	{top: "const KV1 = 'map';", gives: "[VALUE][KV1]((x) => x.M1)[0] OR VALUE[KV1]((x) => x.M1)"},
	{gives: "[VALUE].at`0` OR VALUE.at`0` OR VALUE.slice`0`[0] OR [0].concat`1` && VALUE"},
	{top: "function fV1({ [fV1({})]: x } = {}) { return x || 'M1'; }", gives: "fV1(VALUE)"},
	{top: "const oV1 = { ['fi' + 'nd']: (fn) => ({ y: fn() }) };", body: "var V1 = out === 5 ? request.content : oV1;", gives: "V1.find(() => VALUE).y"},
	{class: "mV1() { return this.M1; }", body: "VALUE.toString = this.mV1; out += `${VALUE}`;", gives: "VALUE"},
	{body: "var V1 = new Map([['x', VALUE]]);", gives: "V1.get('x')"},
	{body: "var V1 = 'x'; switch (1) { case 1: V1 = VALUE; }", gives: "V1"},
	{top: "const KV1 = ['M1', 'M2'];", gives: "KV1.map((k) => VALUE?.[k]) OR KV1.map((k) => VALUE?.[k])[0] OR KV1.find((k) => VALUE?.[k]) OR VALUE?.[KV1[0]]"},
	{top: "const KV1 = ['M1'];", body: "KV1.push('M2');", gives: "KV1.map((k) => VALUE?.[k]).at(-1)"},
	{top: "const KV1 = ['M1'];", body: "KV1[0] = 'M2';", gives: "KV1.map((k) => VALUE?.[k]).at(-1)"},
	{top: "let kV1 = 'M1';", gives: "VALUE?.[kV1]"},
	{top: "let kV1 = 'M1';", body: "kV1 = 'M2';", gives: "VALUE?.[kV1]"},
	{top: "let kV1 = 'M1';", body: "kV1 = 'm' + 2;", gives: "VALUE?.[kV1]"},
	{top: "function fV1(x, n) { return n > 0 ? fV1(x?.M1, n - 1) : x; }", gives: "fV1(VALUE, 2)"},
	{body: "var V1 = { toString() { return kept.tV1?.M1 + ''; } }; kept.tV1 = VALUE; out += `${V1}`;", gives: "VALUE"},
	{body: "VALUE.M1 = 1;", gives: "VALUE"},
	{body: "VALUE.M1 = { m0: { m1: 2 } };", gives: "VALUE"},
	{body: "VALUE.M1 = request.headers;", gives: "VALUE"},
	{body: "delete VALUE.M1;", gives: "VALUE"},
	{gives: "VALUE.map((x) => x) OR VALUE.map((x) => x.M1) OR VALUE.find(({ M1: x }) => x) OR VALUE.filter((x, i, all) => all[0].M1) OR VALUE.flatMap((x) => [x.M1])"},
}

// looks are at members of VALUE, without handing it on.
var looks = []string{
	"typeof VALUE?.M1?.M2",
	"`${(VALUE)['M1']?.M2}`",
	"('M1' in VALUE?.M2)",
	"(VALUE)?.M1?.[0]?.M2",
	"(({ M1: { M2: x } = {} } = {}) => x + '')(VALUE)",
	"((x) => { for (const y of x) return y?.M1 + ''; })(VALUE?.M2 || [])",
	"Object.prototype.hasOwnProperty.call(VALUE, 'M1')",
	"['M1', 'M2'].map((k) => (VALUE)?.[k]?.M1).join()",
	"((x) => { let t = ''; for (const k in x) t += k; return t; })(VALUE)",
	"Object.keys(VALUE?.M1).length",
	"JSON.stringify(VALUE?.M1).length",
	"(VALUE)?.M1",
}

// program writes a script, choice by choice.
type program struct {
	choices []byte
	at      int
	made    int // variables
	top     strings.Builder
	class   strings.Builder
	body    strings.Builder
}

func (p *program) choose(n int) int {
	if p.at == len(p.choices) {
		return 0
	}
	p.at++
	return int(p.choices[p.at-1]) % n
}

func (p *program) member() string { return fmt.Sprint("m", p.choose(memberNames)) }

// variable is a name that was used before now and then.
func (p *program) variable() string {
	if p.made++; p.made > 1 && p.choose(6) == 0 {
		return fmt.Sprint("v", p.choose(p.made))
	}
	return fmt.Sprint("v", p.made)
}

func (p *program) script() string {
	for range 1 + p.choose(3) {
		value := []string{"request.content", "request.body", "request.headers", "request"}[p.choose(4)]
		for range 1 + p.choose(4) {
			if p.choose(3) == 0 {
				value += []string{"?.", "."}[p.choose(2)] + p.member()
			}
			value = p.pass(value)
		}
		for range 1 + p.choose(2) {
			look := p.fill(value)(looks[p.choose(len(looks))])
			fmt.Fprintf(&p.body, "try { out += %s + ';'; } catch (e) { out += e.message + ';'; }\n", look)
		}
	}
	return fmt.Sprintf(`%s
let out = '', kept = { list: [] };
class Base { echo(x) { return x; } }
class Script extends Base {
%s%sprocess_incoming_request({ request }) {
out = '';
%sreturn { text: out };
}
}`, &p.top, &p.class, []string{"", "async "}[p.choose(2)], &p.body)
}

// pass hands a value on and returns the expression that has it.
func (p *program) pass(value string) string {
	w, fill := ways[p.choose(len(ways))], p.fill(value)
	fmt.Fprintln(&p.top, fill(w.top))
	fmt.Fprintln(&p.class, fill(w.class))
	fmt.Fprintf(&p.body, "try { %s } catch (e) { out += e.message; }\n", fill(w.body))
	gives := strings.Split(w.gives, " OR ")
	return fill(gives[p.choose(len(gives))])
}

func (p *program) fill(value string) func(string) string {
	return strings.NewReplacer("VALUE", value, "V1", p.variable(), "V2", p.variable(), "M1", p.member(), "M2", p.member()).Replace
}
