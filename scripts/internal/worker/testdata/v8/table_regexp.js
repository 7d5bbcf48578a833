// Matches that are empty, after others that are not.
'ab'.match(/b*$/g)
'ab'.replace(/b*$/g, '-')
'ab'.replaceAll(/b*$/g, '-')
[...'ab'.matchAll(/b*$/g)].map((m) => [m[0], m.index])
'ab'.split(/b*$/)
'aXbX'.split(/X*/)
'abc'.match(/x*/g)
'abc'.replace(/x*/g, '-')
'abc'.replace(/b?/g, (m, at) => '<' + m + at + '>')
'abc'.split(/(?:)/)
'abc'.split('')
''.split(/(?:)/)
''.split(/a/)
''.split('')
'A<B>bold</B>and<CODE>coded</CODE>'.split(/<(\/)?([^<>]+)>/)
'a1b2c3'.split(/\d/)
'a1b2c3'.split(/(\d)/)
'a1b2c3'.split(/\d/, 2)
'a,b,,c'.split(/,/)
'a, b ,c'.split(/\s*,\s*/)
'abc'.split(/b/y)
'abcabc'.match(/b|$/g)
'line one\nline two'.match(/^.*$/gm)
'line one\n\nline two\n'.match(/^.*$/gm)
'line one\n\nline two\n'.replace(/^/gm, '> ')
'line one\n\nline two\n'.replace(/$/gm, ';')
'line one\r\nline two'.split(/\r?\n/)
'  trim me  '.replace(/^\s+|\s+$/g, '')
'  trim me  '.replace(/^\s*|\s*$/g, '|')
'\u{1f600}x'.match(/(?:)/gu)
'\u{1f600}x'.match(/(?:)/g)
'\u{1f600}x'.split(/(?:)/u)
'\u{1f600}x'.split(/(?:)/)
'\u{1f600}x'.replace(/(?:)/gu, '-')
'camelCaseString'.split(/(?=[A-Z])/)
'camelCaseString'.replace(/(?=[A-Z])/g, '_')
'1234567.89'.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
'12345678'.replace(/(\d)(?=(\d{3})+$)/g, '$1,')
'aaa'.lastIndexOf('a')
'aBc'.match(/[a-z]*/gi)
'word word'.replace(/\b/g, '|')
'a.b*c'.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
// Groups and what replaces them.
'2026-11-21'.replace(/(\d+)-(\d+)-(\d+)/, '$3.$2.$1')
'2026-11-21'.replace(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/, '$<d>.$<m>.$<y>')
'2026-11-21'.match(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/).groups.y
({ ...'2026-11-21'.match(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/).groups })
'2026-11-21'.replace(/(?<y>\d+)-(?<m>\d+)/, (...a) => JSON.stringify(a))
'abc'.replace('b', '[$`|$&|$\'|$$]')
'abc'.replace(/(b)(x)?/, '[$1|$2|$3|$01|$10]')
'abc'.replace('b', '$1')
'abab'.replaceAll('b', '$&$&')
'abab'.replaceAll('', '-')
'abab'.replaceAll(/b/, '-')
'abab'.matchAll(/b/)
'abc'.match(/z/g)
'abc'.match(/z/)
'abc'.search(/c/)
'abc'.match('b').index
'a.c'.match('.').index
/(a)|(b)/.exec('b')
//= ["ab","a",groups:undefined,index:0,input:"ab"]
/(?:(a)|b)*/.exec('ab')
/(z)((a+)?(b+)?(c))*/.exec('zaacbbbcac')
//= ["","",groups:undefined,index:0,input:"b"]
/(a*)*/.exec('b')
/(?=(a+))/.exec('baaabac')
/(?=(a+))a*b\1/.exec('baaabac')
/(.*?)a(?!(a+)b\2c)\2(.*)/.exec('baaabaac')
/(?<=\$)\d+/.exec('cost $42')[0]
/(?<!\$)\b\d+/.exec('cost $42 or 17')[0]
/(?<=^|,)[^,]*/.exec('a,b')[0]
/(\w)\1/.exec('hello')[0]
/(?<c>\w)\k<c>/.exec('hello')[0]
/[^]/.test('\n')
/[]/.test('a')
/./.test('\n')
/./s.test('\n')
/\u{1f600}/u.test('\u{1f600}')
/^.$/u.test('\u{1f600}')
/^.$/.test('\u{1f600}')
/[\u{1f600}-\u{1f64f}]/u.exec('a\u{1f601}').index
/\cJ/.test('\n')
/\x41/.test('A')
/\0/.test('\0')
/[\b]/.test('\b')
/a{,2}/.test('a{,2}')
/a{2}/.test('aa')
/\d{2,}/.exec('a123')[0]
/x{0}y/.exec('xy')[0]
/^(?:\+?\d{1,3})?[-. (]*(\d{3})[-. )]*(\d{3})[-. ]*(\d{4})$/.exec('+1 (555) 123-4567')
/\s/.test('\u00a0')
/\s/.test('\ufeff')
/\w/.test('\u00e9')
/\u00e9/i.test('\u00c9')
/\u0131/i.test('I')
//= true
/\u017f/i.test('s')
/\u017f/iu.test('s')
//= true
/[a-z]/i.test('\u212a')
/[a-z]/iu.test('\u212a')
// State and properties.
(() => { const r = /a/g; return [r.test('aa'), r.lastIndex, r.test('aa'), r.lastIndex, r.test('aa'), r.lastIndex]; })()
(() => { const r = /a/y; return [r.test('ba'), r.lastIndex]; })()
(() => { const r = /a*/g; 'aab'.match(r); return r.lastIndex; })()
(() => { const r = /a*/g; r.lastIndex = 2; return ['baab'.replace(r, '-'), r.lastIndex]; })()
(() => { const r = /a/g; r.lastIndex = 1; return [[...'aaa'.matchAll(r)].length, r.lastIndex]; })()
[/a/gimsuy.flags, /a/.source, /\//.source, new RegExp('/').source, new RegExp('').source, new RegExp('\n').source, String(new RegExp('a/b', 'g'))]
[RegExp.name, RegExp.length, RegExp.prototype.constructor === RegExp, /a/ instanceof RegExp, /a/.constructor === RegExp, RegExp[Symbol.species] === RegExp]
[new RegExp(/a/g).flags, new RegExp(/a/g, 'i').flags, RegExp(/a/g).flags, new RegExp(/a/, undefined).flags]
(() => { const r = /a/; return [RegExp(r) === r, new RegExp(r) === r]; })()
(() => { class R extends RegExp { test(s) { return 'mine ' + super.test(s); } } const r = new R('b', 'g'); return [r.test('abc'), r instanceof R, r instanceof RegExp, r.flags, 'abcb'.replace(r, 'x')]; })()
RegExp('a|b', 'g')[Symbol.replace]('cab', '-')
RegExp.prototype.toString.call({ source: 'x', flags: 'y' })
Object.prototype.toString.call(/a/)
typeof RegExp
new RegExp(undefined).source
new RegExp(null).source
new RegExp('a', 'gg')
new RegExp('a', 'x')
new RegExp('(')
new RegExp('[')
new RegExp('a)')
new RegExp('*')
new RegExp('a**')
new RegExp('\\')
new RegExp('(?<n>a)(?<n>b)')
new RegExp('a{2,1}')
new RegExp('[b-a]')
new RegExp('(?<=a')
new RegExp('\\p{Foo}', 'u')
new RegExp('\\u{110000}', 'u')
new RegExp('(?a)')
new RegExp('\\k<x>(?<y>a)')
new RegExp('{1}', 'u')
new RegExp('a', 'uv')
// Unicode properties.
new RegExp('^\\p{L}+$', 'u').test('\u00dcber')
new RegExp('\\p{Lu}', 'u').exec('a\u00c4b')[0]
'\u041f\u0440\u0438\u0432\u0435\u0442, world 42'.match(new RegExp('\\p{L}+', 'gu'))
'\u041f\u0440\u0438\u0432\u0435\u0442, world 42'.replace(new RegExp('[^\\p{L}\\p{N}]+', 'gu'), '-')
new RegExp('\\p{Script=Cyrillic}+', 'u').exec('x\u0434\u0430')[0]
new RegExp('\\p{sc=Greek}', 'u').test('\u03b1')
new RegExp('\\P{L}+', 'u').exec('ab12')[0]
new RegExp('\\p{Emoji_Presentation}', 'u').test('\u{1f600}')
new RegExp('\\p{Extended_Pictographic}', 'u').test('\u{1f600}')
new RegExp('\\p{General_Category=Decimal_Number}', 'u').test('5')
new RegExp('\\p{Diacritic}', 'gu').test('\u0301')
'cr\u00e8me br\u00fbl\u00e9e'.normalize('NFD').replace(new RegExp('\\p{Diacritic}', 'gu'), '')
new RegExp('\\p{ASCII}', 'u').test('a')
new RegExp('\\p{Any}', 'u').test('a')
new RegExp('\\p{White_Space}', 'u').test(' ')
new RegExp('\\p{Alphabetic}', 'u').test('\u00e9')
new RegExp('\\p{L}').test('p{L}')
//= throws SyntaxError: "set notation of the regular expression flag v is not supported here"
new RegExp('[\\p{L}--[a-z]]', 'v').test('a')
//= throws SyntaxError: "set notation of the regular expression flag v is not supported here"
new RegExp('[\\p{L}&&[a-z]]', 'v').test('b')
new RegExp('a', 'v').flags
//= throws SyntaxError: "the regular expression flag d (hasIndices) is not supported here"
new RegExp('(a)(b)?', 'd').exec('xab').indices
//= throws SyntaxError: "the regular expression flag d (hasIndices) is not supported here"
new RegExp('a', 'd').hasIndices
new RegExp('\\p{L}', 'gu').source
String(new RegExp('\\p{L}', 'gu'))
