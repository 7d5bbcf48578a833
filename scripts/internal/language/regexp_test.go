package language

import (
	"testing"

	"github.com/dop251/goja"
)

// What V8 (Node 20) makes of these, the engine is to make of them after the rewriting.
func TestModernPattern(t *testing.T) {
	for _, tt := range []struct {
		pattern, flags, input, want string
	}{
		{`\p{L}+`, "u", "1Ünïcödé2", "Ünïcödé"},
		{`\p{Letter}+`, "u", "1é2", "é"},
		{`\P{L}+`, "u", "é12é", "12"},
		{`[^\p{L}\d]+`, "u", "é1 -é", " -"},
		{`[\P{L}]+`, "u", "é12é", "12"},
		{`\p{Lu}+`, "u", "aÄB", "ÄB"},
		{`\p{gc=Nd}+`, "u", "a٣4", "٣4"},
		{`\p{Script=Greek}+`, "u", "abγδ", "γδ"},
		{`\p{sc=Grek}+`, "u", "abγδ", "γδ"},
		{`\p{Emoji_Presentation}`, "u", "12😀", "😀"},
		{`\p{Extended_Pictographic}`, "u", "12❤", "❤"},
		{`\p{Alphabetic}+`, "u", "-ⅷa-", "ⅷa"},
		{`\p{White_Space}+`, "u", "a\u2003 b", "\u2003 "},
		{`\p{ASCII}+`, "u", "éab", "ab"},
		{`\p{Any}`, "u", "😀", "😀"},
		{`\p{Assigned}`, "u", "\u0378a", "a"},
		{`(?=.)\p{L}`, "u", "1é", "é"},
		{`(?<=\p{Lu})\p{Ll}+`, "u", "aÄbc", "bc"},
		{`\p{L}`, "", "p{L}", "p{L}"},
		{`[\p{L}]`, "v", "é", "é"},
		{`\p{L}+`, "v", "é", "é"},
		{`[\&\-a]+`, "v", "-&a", "-&a"},
		{`\u{1F600}`, "u", "a😀", "😀"},
		{`(?=.)\u{1F600}`, "u", "a😀", "😀"},
		{`[\u{1F600}-\u{1F602}]`, "u", "a😁", "😁"},
		{`\ud83d\ude00`, "u", "a😀", "😀"},
		{`(?=.)\ud83d\ude00`, "u", "a😀", "😀"},
		{`\bb`, "", "éb b", "b"},
		{`é\b`, "", "é éa", "é"},
		{`(?=.)\bé`, "", "aé", "é"},
		{`\w+\b`, "g", "aé b", "a"},
		{`^b$`, "m", "a\r\nb\r\nc", "b"},
		{`a$`, "m", "a\r\nb", "a"},
		{`(?=a)a$`, "m", "a\u2028b", "a"},
		{`(?=.)[[:alpha:]]`, "", "a]", "a]"},
		{`(?=.)[a-z-[aeiou]]`, "", "b e]", "e]"},
		{`(?=.)\z`, "", "z", "z"},
		{`(?=.)\e\a`, "", "ea", "ea"},
		{`[\d-x]+`, "", "a1-x", "1-x"},
		{`(?=.)[\d-x]+`, "", "a1-x", "1-x"},
		{`[a-\d]+`, "", "1-a", "1-a"},
		{`(?=.)[+--]+`, "", "a+,-", "+,-"},
		{`\1(a)`, "", "a", "a"},
		{`\101`, "", "A", "A"},
		{`(?=.)\101`, "", "A", "A"},
		{`(a)\10`, "", "a\x08", "a\x08"},
		{`(a)(?:\1)0`, "", "aa0", "aa0"},
		{`\8`, "", "8", "8"},
		{`[\8]`, "", "8", "8"},
		{`\cJ`, "", "\n", "\n"},
		{`[\c_]`, "", "\x1f", "\x1f"},
		{`\c`, "", `\c`, `\c`},
		{`\u{2}`, "", "uu", "uu"},
		{`\x4`, "", "x4", "x4"},
		{`\k<a>`, "", "k<a>", "k<a>"},
		{`(?<n>a)\k<n>`, "", "aa", "aa"},
		{`\k<n>(?<n>a)`, "", "a", "a"},
		{`(?<año>\d+)`, "", "x12", "12"},
		{`a{,5}`, "", "a{,5}", "a{,5}"},
		{`x{1`, "", "x{1", "x{1"},
		{`]}`, "", "]}", "]}"},
		{`(?=a)*b`, "", "b", "b"},
		{`[^]`, "", "\n", "\n"},
		{`[]|a`, "", "a", "a"},
		{`[\b]`, "", "\b", "\b"},
		{`\-\_\é\ `, "", "-_é ", "-_é "},
		{`x{1001}|y`, "", "y", "y"},
	} {
		pattern, flags, err := ModernPattern(tt.pattern, tt.flags)
		if err != nil {
			t.Errorf("modernPattern(%q, %q): %v", tt.pattern, tt.flags, err)
			continue
		}
		r := goja.New()
		_ = r.Set("pattern", pattern)
		_ = r.Set("flags", flags)
		_ = r.Set("input", tt.input)
		got, err := r.RunString("const found = input.match(new RegExp(pattern, flags)); found ? found[0] : 'no match'")
		if err != nil || got.String() != tt.want {
			t.Errorf("/%s/%s on %q = %q, %v; want %q (rewritten to %.200q)", tt.pattern, tt.flags, tt.input, got, err, tt.want, pattern)
		}
		if again, _, err := ModernPattern(pattern, flags); err != nil {
			t.Errorf("modernPattern(%q) again: %v (%.80q)", pattern, err, again)
		}
	}
}

func TestModernPatternRefuses(t *testing.T) {
	const is = "Invalid regular expression: "
	for _, tt := range []struct{ pattern, flags, want string }{
		{`a**`, "", is + "/a**/: Nothing to repeat"},
		{`+`, "", is + "/+/: Nothing to repeat"},
		{`{1}`, "", is + "/{1}/: Nothing to repeat"},
		{`a{1}{2}`, "", is + "/a{1}{2}/: Nothing to repeat"},
		{`\b+`, "", is + `/\b+/: Nothing to repeat`},
		{`^*`, "", is + "/^*/: Nothing to repeat"},
		{`(`, "", is + "/(/: Unterminated group"},
		{`)`, "", is + "/)/: Unmatched ')'"},
		{`[`, "", is + "/[/: Unterminated character class"},
		{`[a-`, "", is + "/[a-/: Unterminated character class"},
		{`\`, "", is + `/\/: \ at end of pattern`},
		{`[\`, "", is + `/[\/: \ at end of pattern`},
		{`a{2,1}`, "", is + "/a{2,1}/: numbers out of order in {} quantifier"},
		{`[z-a]`, "", is + "/[z-a]/: Range out of order in character class"},
		{`(?<a`, "", is + "/(?<a/: Invalid capture group name"},
		{`(?<1a>x)`, "", is + "/(?<1a>x)/: Invalid capture group name"},
		{`(?<a>x)(?<a>y)`, "", is + "/(?<a>x)(?<a>y)/: Duplicate capture group name"},
		{`(?<a>)\k<b>`, "", is + `/(?<a>)\k<b>/: Invalid named capture referenced`},
		{`(?<a>)\k`, "", is + `/(?<a>)\k/: Invalid named reference`},
		{`(?i:a)`, "", is + "/(?i:a)/: Invalid group"},
		{`(?<=a)*`, "", is + "/(?<=a)*/: Invalid quantifier"},
		{`(?=a)*`, "u", is + "/(?=a)*/u: Invalid quantifier"},
		{`\u{zz}`, "u", is + `/\u{zz}/u: Invalid Unicode escape`},
		{`\u{110000}`, "u", is + `/\u{110000}/u: Invalid Unicode escape`},
		{`\u12`, "u", is + `/\u12/u: Invalid Unicode escape`},
		{`\x4`, "u", is + `/\x4/u: Invalid escape`},
		{`\c1`, "u", is + `/\c1/u: Invalid Unicode escape`},
		{`{`, "u", is + "/{/u: Lone quantifier brackets"},
		{`{2,1}`, "", is + "/{2,1}/: Nothing to repeat"},
		{`[😀-😂]`, "", is + "/[😀-😂]/: Range out of order in character class"},
		{`x{1`, "u", is + "/x{1/u: Incomplete quantifier"},
		{`]`, "u", is + "/]/u: Lone quantifier brackets"},
		{`\8`, "u", is + `/\8/u: Invalid escape`},
		{`\00`, "u", is + `/\00/u: Invalid decimal escape`},
		{`\_`, "u", is + `/\_/u: Invalid escape`},
		{`[a-\d]`, "u", is + `/[a-\d]/u: Invalid character class`},
		{`\p{Foo}`, "u", is + `/\p{Foo}/u: Invalid property name`},
		{`[\p{Foo}]`, "u", is + `/[\p{Foo}]/u: Invalid property name in character class`},
		{`\p{Script=Foo}`, "u", is + `/\p{Script=Foo}/u: Invalid property name`},
		{`\p`, "u", is + `/\p/u: Invalid property name`},
		{`\p{Script_Extensions=Greek}`, "u", `the property \p{Script_Extensions=Greek} of regular expressions is not supported here`},
		{`\p{Case_Ignorable}`, "u", `the property \p{Case_Ignorable} of regular expressions is not supported here`},
		{`a`, "d", "the regular expression flag d (hasIndices) is not supported here"},
		{`[a&&b]`, "v", "set notation of the regular expression flag v is not supported here"},
		{`[\p{L}--[a]]`, "v", "set notation of the regular expression flag v is not supported here"},
		{`[\w--a]`, "v", "set notation of the regular expression flag v is not supported here"},
		{`[[a]b]`, "v", "set notation of the regular expression flag v is not supported here"},
		{`[^a]`, "vi", "a negated class together with the regular expression flags v and i is not supported here"},
		{`[(]`, "v", is + "/[(]/v: Invalid character in character class"},
		{`a`, "gg", "Invalid regular expression flags"},
		{`a`, "q", "Invalid regular expression flags"},
		{`a`, "uv", "Invalid regular expression flags"},
	} {
		if got, _, err := ModernPattern(tt.pattern, tt.flags); err == nil || err.Error() != tt.want {
			t.Errorf("modernPattern(%q, %q) = %q, %v; want %s", tt.pattern, tt.flags, got, err, tt.want)
		}
	}
}

// A pattern that the engine reads as V8 does is left alone, and with it what a script sees of it.
func TestModernPatternKeeps(t *testing.T) {
	for _, pattern := range []string{
		``, `abc`, `a.b`, `^a+?$`, `(\d{4})-(\d{2})`, `[\w.+-]+@[\w-]+\.[\w.-]+`, `(?:a|b)*`, `(?<year>\d+)`, `[^\]]+`, `\/\.\$`, `<@(U\w+)(?:\|([^>]+))?>`, `[\u4e00-\u9fa5]`, `(a)\1`, `(?!x)y`, "é",
	} {
		if got, _, err := ModernPattern(pattern, "gi"); got != pattern || err != nil {
			t.Errorf("modernPattern(%q) = %q, %v", pattern, got, err)
		}
	}
}

func FuzzModernPattern(f *testing.F) {
	for _, pattern := range []string{`\p{L}[^\P{Lu}-a]\b$^`, `(?<a>[\b-\d]{1,2}?)\k<a>`, `\u{1F600}\ud83d\ude00\c1\8\00`, `[[a&&b]--]`} {
		for _, flags := range []string{"", "u", "v", "im"} {
			f.Add(pattern, flags)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, flags string) {
		rewritten, modern, err := ModernPattern(pattern, flags)
		if err != nil || len(pattern) > 60 {
			return
		}
		if again, flagsAgain, err := ModernPattern(rewritten, modern); err != nil || flagsAgain != modern {
			t.Errorf("modernPattern(%q, %q) = %q, which again gives %q, %v", pattern, flags, rewritten, again, err)
		}
	})
}
