package worker

import "testing"

// Patterns that the engine gets in another form are shown as they were written.
func TestWrittenPatterns(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`String(/\p{L}+/u)`, `"/\\p{L}+/u"`},
		{`/\p{L}+/gu.source`, `"\\p{L}+"`},
		{`[/[/]/.source, String(/a\/b/g), /a/.source, String(/x/y)]`, `["[/]","/a\\/b/g","a","/x/y"]`},
		{`/^\p{Lu}/u.test('Ä') && /\p{Lu}/u.toString()`, `"/\\p{Lu}/u"`},
		{`RegExp.prototype.toString.call({ source: 'a', flags: 'b', like: /[/]/ })`, `"/a/b"`},
		{`(() => { try { return RegExp.prototype.toString.call(/[/]/.source) } catch (e) { return e.message } })()`, `"Method RegExp.prototype.toString called on incompatible receiver [/]"`},
		{`[RegExp.prototype.source, /[/]/.source]`, `["(?:)","[/]"]`},
		{`Object.getOwnPropertyDescriptor(RegExp.prototype, 'source').get.name + /[/]/.source`, `"get source[/]"`},
		{`(() => { class R extends RegExp {} ; return String(new R('a', 'g')) + /[/]/.source })()`, `"/a/g[/]"`},
	} {
		if got, _ := outcome("class Script "+method(tt.expression), false); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expression, got, tt.want)
		}
	}
}
