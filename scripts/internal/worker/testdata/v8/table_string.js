'x'.anchor('a"b')
['big', 'blink', 'bold', 'fixed', 'italics', 'small', 'strike', 'sub', 'sup'].map((n) => 'x'[n]())
['x'.fontcolor('red'), 'x'.fontsize(7), 'x'.link('http://a/?b"c')]
String.prototype.bold.call(5)
String.prototype.bold.call(null)
'abcdef'.substr(1, 2) + 'abcdef'.substr(-3, 2) + 'abcdef'.substr(2)
['  a '.trimLeft(), '  a '.trimRight(), String.prototype.trimLeft.name, String.prototype.trimRight.name]
[escape('ä ü/\u0100+@'), unescape('%E4%20%u0100%zz')]
'\u00e9'.normalize('NFD').length
'cr\u00e8me br\u00fbl\u00e9e'.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
'e\u0301'.normalize() === '\u00e9'
'\ufb01'.normalize('NFKC')
'\ufb01'.normalize('NFKD')
'a'.normalize('nope')
['ab\ud800'.isWellFormed(), 'ab'.isWellFormed(), 'a\ud800b\udc00'.toWellFormed(), '\ud83d\ude00'.isWellFormed()]
['abc'.at(-1), 'abc'.at(5), 'abc'.at(0)]
String.raw`a\n${1 + 1}\u{`
String.raw({ raw: ['x', 'y', 'z'] }, 1, 2)
['abc'.padStart(5), 'abc'.padEnd(6, '12'), 'abc'.padStart(2), 'x'.padStart(5, '')]
'abc'.localeCompare('abd')
['a', 'b', 'C', 'A', '\u00e4', 'z', '\u00e9', 'e'].sort((a, b) => a.localeCompare(b))
['a10', 'a2', 'a1'].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
['a10', 'a2', 'a1'].sort((a, b) => a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' }))
'a'.localeCompare('A', undefined, { sensitivity: 'base' })
'a'.localeCompare('A', undefined, { sensitivity: 'accent' })
'a'.localeCompare('\u00e4', undefined, { sensitivity: 'base' })
'a'.localeCompare('\u00e4', undefined, { sensitivity: 'accent' })
'a'.localeCompare('A', undefined, { sensitivity: 'case' })
'a'.localeCompare('\u00e4', undefined, { sensitivity: 'case' })
['a'.localeCompare('A'), 'A'.localeCompare('a'), 'a'.localeCompare('b'), 'a'.localeCompare('B'), 'A'.localeCompare('b'), ''.localeCompare('a'), 'a'.localeCompare('a')]
['res-1', 'res_1', 'res 1', 'RES1', 'res1', '.res', '1res', '_res', '-res'].sort((a, b) => a.localeCompare(b))
['resume', 'r\u00e9sum\u00e9', 'Resume', 'R\u00e9sum\u00e9', 'resumes'].sort((a, b) => a.localeCompare(b))
['a-b', 'ab', 'a b', 'a_b', 'a.b', 'aB'].sort(new Intl.Collator().compare)
['b', 'a', 'B', 'A'].sort(new Intl.Collator('en', { caseFirst: 'upper' }).compare)
['\u00e4', 'a', 'z'].sort(new Intl.Collator('de').compare)
['\u00e4', 'a', 'z'].sort(new Intl.Collator('sv').compare)
['10', '9', '1'].sort(new Intl.Collator(undefined, { numeric: true }).compare)
'a'.localeCompare()
'stra\u00dfe'.toUpperCase()
'\u0130'.toLowerCase().length
'ΑΣ'.toLowerCase()
'ISTANBUL'.toLocaleLowerCase()
'istanbul'.toLocaleUpperCase('en-US')
['a'.codePointAt(0), '\u{1f600}'.codePointAt(0), '\u{1f600}'.charCodeAt(1), 'a'.codePointAt(3)]
String.fromCodePoint(128512, 97)
String.fromCodePoint(-1)
String.fromCodePoint(1.5)
[...'a\u{1f600}b']
'abc'.repeat(-1)
'abc'.repeat(Infinity)
'abc'.repeat(0)
'abc'.includes('b', 2)
'abc'.includes(/b/)
'abc'.startsWith(/b/)
'abcabc'.indexOf('c', 3) + 'abcabc'.lastIndexOf('c', 3)
['abc'.slice(-2), 'abc'.substring(2, 0), 'abc'.slice(2, 1)]
'a-b-c'.split('-', 2)
'a-b-c'.split(undefined)
'abc'.concat(1, null, undefined)
'%'.concat(encodeURIComponent('ä&=\u{1f600}'))
decodeURIComponent('%')
decodeURIComponent('%C3%A4%20')
encodeURIComponent('\ud800')
[encodeURI('a b/ä?x=1&y'), decodeURI('%23%20')]
'\u200b x \ufeff'.trim()
'abc'[Symbol.iterator]().toString()
'abc'.toString === String.prototype.toString
Symbol('x').toString() + String(Symbol('y')) + Symbol('z').description
`${Symbol('x')}`
'' + Symbol('x')
String(Object.create(null))
'' + Object.create(null)
[] + {}
[1, [2, [3, null, undefined]]] + ''
({}) + ''
String([,1])
String(function f(a, b) { return a + b; })
String((a) => a)
String(class A { x() {} })
String(Math.max)
String(Symbol.iterator)
