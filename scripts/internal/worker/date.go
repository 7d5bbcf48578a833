package worker

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parseDate reads a date as V8 does: the language's own form, and nearly anything that has a year, a
// month and a day. It is NaN for what is no date.
func parseDate(text string) float64 {
	if ms, ok := parseISO(text); ok {
		return ms
	}
	// Behind a T nothing but a time and its zone may stand.
	if isoBegin.MatchString(text) && !isoLoose.MatchString(text) {
		return math.NaN()
	}
	d := dateReader{tokens: dateTokens(text)}
	if !d.read() {
		return math.NaN()
	}
	return d.time()
}

var (
	isoBegin = regexp.MustCompile(`(?i)^\d{4}-\d\d-\d\dT`)
	isoLoose = regexp.MustCompile(`(?i)^.{10}T\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d{4})?$`)
)

var isoDate = regexp.MustCompile(`^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?$`)

// parseISO reads the one form that the language defines. Without a time it is UTC, else local.
func parseISO(text string) (float64, bool) {
	m := isoDate.FindStringSubmatch(text)
	if m == nil || m[1] == "-000000" {
		return 0, false
	}
	n := func(at, otherwise int) int {
		if m[at] == "" {
			return otherwise
		}
		value, _ := strconv.Atoi(m[at])
		return value
	}
	zone := time.Local
	switch {
	case m[4] == "" || m[8] == "Z":
		zone = time.UTC
	case m[8] != "":
		hours, _ := strconv.Atoi(m[8][1:3])
		minutes, _ := strconv.Atoi(m[8][4:6])
		seconds := hours*3600 + minutes*60
		if m[8][0] == '-' {
			seconds = -seconds
		}
		zone = time.FixedZone("", seconds)
		if hours > 23 || minutes > 59 {
			return math.NaN(), true
		}
	}
	return millisecondsAt(n(1, 0), n(2, 1), n(3, 1), n(4, 0), n(5, 0), n(6, 0), milliseconds(m[7]), zone), true
}

func milliseconds(digits string) int {
	n, _ := strconv.Atoi((digits + "000")[:3])
	return n
}

// millisecondsAt is the time in milliseconds, NaN where there is none.
func millisecondsAt(year, month, day, hour, minute, second, ms int, zone *time.Location) float64 {
	midnight := hour == 24 && minute == 0 && second == 0 && ms == 0
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 && !midnight || minute > 59 || second > 59 {
		return math.NaN()
	}
	f := instantOf(float64(time.Date(year, time.Month(month), day, hour, minute, second, ms*1e6, time.UTC).UnixMilli()), zone)
	if math.Abs(f) > 8.64e15 {
		return math.NaN()
	}
	return f
}

// dateToken is a number, a word or a single character.
type dateToken struct {
	text   string
	number int
	kind   byte // n, w, or the character
}

func dateTokens(text string) []dateToken {
	var tokens []dateToken
	for text != "" {
		kind, is := text[0], func(rune) bool { return false }
		switch c := text[0]; {
		case isDigit(c):
			kind, is = 'n', func(r rune) bool { return r >= '0' && r <= '9' }
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 && !strings.HasPrefix(text, "\u202f") && !strings.HasPrefix(text, "\u00a0"):
			kind, is = 'w', func(r rune) bool { return unicode.IsLetter(r) }
		case c >= 0x80:
			kind = ' '
		}
		end := 1
		for i, r := range text {
			if i > 0 && !is(r) {
				end = i
				break
			}
			end = i + len(string(r))
			if i == 0 && kind != 'n' && kind != 'w' {
				break
			}
		}
		token := dateToken{text: text[:end], kind: kind}
		if kind == 'n' {
			token.number = boundedNumber(token.text)
		}
		if kind == '\t' || kind == '\n' || kind == '\r' {
			token.kind = ' '
		}
		tokens = append(tokens, token)
		text = text[end:]
	}
	return tokens
}

// boundedNumber reads nine digits, which is more than any part of a date has.
func boundedNumber(digits string) int {
	digits = strings.TrimLeft(digits, "0")
	if len(digits) > 9 {
		digits = digits[:9]
	}
	n, _ := strconv.Atoi(digits)
	return n
}

// dateReader goes through the tokens of a date that has no strict form.
type dateReader struct {
	tokens    []dateToken
	days      []int // day, month and year, in the order of the text
	month     int   // that has a name
	isoOrder  bool
	clock     []int
	clockDone bool
	afternoon int // hours to add, -1 where nobody said
	haveHalf  bool
	zoned     bool
	sign      int // of the zone's distance
	zoneHour  int
	zoneMin   int
	minuteDue bool
	numbers   bool // some were read
}

func (d *dateReader) peek() dateToken {
	if len(d.tokens) > 0 {
		return d.tokens[0]
	}
	return dateToken{}
}

func (d *dateReader) take() dateToken {
	token := d.peek()
	if len(d.tokens) > 0 {
		d.tokens = d.tokens[1:]
	}
	return token
}

func (d *dateReader) skip(kind byte) {
	if d.peek().kind == kind {
		d.take()
	}
}

func (d *dateReader) read() bool {
	d.readISODay()
	for len(d.tokens) > 0 {
		token := d.take()
		ok := true
		switch {
		case token.kind == 'n':
			ok = d.readNumber(token)
		case token.kind == 'w':
			ok = d.readWord(token)
		case (token.kind == '+' || token.kind == '-') && (d.zoned && d.zoneHour == 0 && d.zoneMin == 0 || len(d.clock) > 0):
			ok = d.readZone(token)
		case (token.kind == '+' || token.kind == '-' || token.kind == ')') && d.numbers:
			ok = false
		case token.kind == '(':
			d.skipParentheses()
		}
		if !ok {
			return false
		}
	}
	return true
}

// readISODay takes a beginning like 2026-11-21, after which the time stands as it likes.
func (d *dateReader) readISODay() {
	t := d.tokens
	if len(t) < 5 || t[0].kind != 'n' || len(t[0].text) != 4 || t[1].kind != '-' || t[2].kind != 'n' || len(t[2].text) != 2 ||
		t[3].kind != '-' || t[4].kind != 'n' || len(t[4].text) != 2 {
		return
	}
	d.days, d.isoOrder, d.numbers = []int{t[0].number, t[2].number, t[4].number}, true, true
	d.tokens = t[5:]
	if next := d.peek(); next.kind == 'w' && strings.EqualFold(next.text, "T") {
		d.take()
	}
}

func (d *dateReader) readNumber(token dateToken) bool {
	d.numbers = true
	n := token.number
	switch {
	case d.peek().kind == ':':
		d.take()
		if d.minuteDue || d.clockDone || len(d.clock) >= 3 {
			return false
		}
		d.clock = append(d.clock, n)
		d.skip('.')
		return true
	case d.peek().kind == '.' && d.expects(n):
		d.take()
		d.clock = append(d.clock, n)
		if d.peek().kind != 'n' {
			return false
		}
		for len(d.clock) < 3 {
			d.clock = append(d.clock, 0)
		}
		d.clock = append(d.clock, milliseconds(d.take().text))
		d.clockDone = true
		return true
	case d.minuteDue:
		d.zoneMin, d.minuteDue = n, false
		return true
	case d.expects(n):
		d.clock, d.clockDone = append(d.clock, n), true
		after := d.peek()
		return after.kind == 0 || after.kind == ' ' || after.kind == '+' || after.kind == '-' || strings.EqualFold(after.text, "z")
	}
	if d.peek().kind == '.' {
		d.take()
	}
	if len(d.days) == 3 {
		return false
	}
	d.days = append(d.days, n)
	d.skip('-')
	return true
}

// expects tells whether a number may end a time.
func (d *dateReader) expects(n int) bool {
	return !d.clockDone && (len(d.clock) == 1 || len(d.clock) == 2) && n < 60 || !d.clockDone && len(d.clock) == 3 && n < 1000
}

var (
	monthWords = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	zoneWords  = map[string]int{"ut": 0, "utc": 0, "z": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
)

func (d *dateReader) readWord(token dateToken) bool {
	word := strings.ToLower(token.text)
	if len(word) >= 3 {
		for i, month := range monthWords {
			if word[:3] == month {
				d.month = i + 1
				d.skip('-')
				return true
			}
		}
	}
	if (word == "am" || word == "pm") && len(d.clock) > 0 {
		d.haveHalf = true
		if word == "pm" {
			d.afternoon = 12
		}
		return true
	}
	if hours, ok := zoneWords[word]; ok && d.numbers {
		d.zoned, d.sign, d.zoneHour, d.zoneMin = true, 1, hours, 0
		return true
	}
	// Other words may stand before the first number, if they do not touch it.
	return !d.numbers && d.peek().kind != 'n'
}

func (d *dateReader) readZone(sign dateToken) bool {
	d.zoned, d.sign, d.numbers = true, 1, true
	if sign.kind == '-' {
		d.sign = -1
	}
	var token dateToken
	if d.peek().kind == 'n' {
		token = d.take()
	}
	switch {
	case d.peek().kind == ':':
		d.zoneHour, d.zoneMin, d.minuteDue = token.number, 0, true
	case len(token.text) == 1 || len(token.text) == 2:
		d.zoneHour, d.zoneMin = token.number, 0
	case len(token.text) == 3 || len(token.text) == 4:
		d.zoneHour, d.zoneMin = token.number/100, token.number%100
	default:
		return false
	}
	return true
}

func (d *dateReader) skipParentheses() {
	for depth := 1; depth > 0 && len(d.tokens) > 0; {
		switch d.take().kind {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
}

// time puts together what was read.
func (d *dateReader) time() float64 {
	if len(d.days) == 0 {
		return math.NaN()
	}
	for len(d.days) < 3 {
		d.days = append(d.days, 1)
	}
	year, month, day := d.date()
	if !d.isoOrder {
		switch {
		case year >= 0 && year <= 49:
			year += 2000
		case year >= 50 && year <= 99:
			year += 1900
		}
	}
	clock := append(d.clock, 0, 0, 0, 0)
	if d.haveHalf {
		if clock[0] < 0 || clock[0] > 12 {
			return math.NaN()
		}
		clock[0] = clock[0]%12 + d.afternoon
	}
	zone := time.Local
	if d.zoned {
		zone = time.FixedZone("", d.sign*(d.zoneHour*3600+d.zoneMin*60))
	}
	return millisecondsAt(year, month, day, clock[0], clock[1], clock[2], clock[3], zone)
}

// date tells day, month and year apart: a month with a name by that, others by their size.
func (d *dateReader) date() (year, month, day int) {
	isDay := d.days[0] >= 1 && d.days[0] <= 31
	switch {
	case d.month != 0 && !isDay:
		return d.days[0], d.month, d.days[1]
	case d.month != 0:
		return d.days[1], d.month, d.days[0]
	case d.isoOrder || !isDay:
		return d.days[0], d.days[1], d.days[2]
	}
	return d.days[2], d.days[0], d.days[1]
}
