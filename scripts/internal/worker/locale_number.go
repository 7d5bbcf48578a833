package worker

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// numberFormat is what Intl.NumberFormat settles.
type numberFormat struct {
	locale                                 locale
	style                                  string
	currency, currencyDisplay, signOfMoney string
	unit, unitDisplay                      string
	notation, compactDisplay               string
	signDisplay, grouping                  string
	whole, leastFraction, mostFraction     int
	leastDigits, mostDigits                int // significant ones, where they rule
	compactDigits                          bool
	compare                                goja.Value // format, once it was asked for
}

// numberFormat reads the arguments of Intl.NumberFormat and of toLocaleString.
func (r *realm) numberFormat(locales goja.Value, o options) *numberFormat {
	f := &numberFormat{locale: r.locale(locales)}
	o.absent("roundingIncrement", "roundingPriority", "trailingZeroDisplay")
	if o.word("numberingSystem", "latn") != "latn" {
		r.refuse("a numberingSystem other than latn")
	}
	if o.word("roundingMode", "halfExpand") != "halfExpand" {
		r.refuse("a roundingMode other than halfExpand")
	}
	f.style = o.word("style", "decimal", "decimal", "percent", "currency", "unit")
	f.readCurrency(o)
	f.readUnit(o)
	f.notation = o.word("notation", "standard", "standard", "scientific", "engineering", "compact")
	if f.notation == "scientific" || f.notation == "engineering" {
		r.refuse("notation " + f.notation)
	}
	f.readDigits(o)
	f.compactDisplay = o.word("compactDisplay", "short", "short", "long")
	if f.notation == "compact" && f.locale.numbers.Compact == nil {
		r.refuse("notation compact in locale " + f.locale.tag)
	}
	f.readGrouping(o)
	f.signDisplay = o.word("signDisplay", "auto", "auto", "never", "always", "exceptZero", "negative")
	return f
}

func (f *numberFormat) readCurrency(o options) {
	f.currency = strings.ToUpper(o.word("currency", ""))
	f.currencyDisplay = o.word("currencyDisplay", "symbol", "code", "symbol", "narrowSymbol", "name")
	f.signOfMoney = o.word("currencySign", "standard", "standard", "accounting")
	if f.style != "currency" {
		return
	}
	switch {
	case f.currency == "":
		panic(o.realm.runtime.NewTypeError("Currency code is required with currency style."))
	case len(f.currency) != 3:
		o.realm.raise("RangeError", "Invalid currency code : "+o.word("currency", ""))
	case f.locale.numbers.Currency[f.currency] == nil:
		o.realm.refuse("currency " + f.currency)
	case f.currencyDisplay == "name" && f.locale.language != "en":
		o.realm.refuse("currencyDisplay name in locale " + f.locale.tag)
	}
}

func (f *numberFormat) readUnit(o options) {
	f.unit = o.word("unit", "")
	f.unitDisplay = o.word("unitDisplay", "short", "short", "narrow", "long")
	if f.style != "unit" {
		return
	}
	switch {
	case f.unit == "":
		panic(o.realm.runtime.NewTypeError("Unit is required with unit style."))
	case f.locale.numbers.Units == nil:
		o.realm.refuse("style unit in locale " + f.locale.tag)
	case f.locale.numbers.Units[f.unit] == nil:
		o.realm.refuse("unit " + f.unit)
	}
}

// readDigits settles how many digits there are: significant ones rule where any were given.
func (f *numberFormat) readDigits(o options) {
	least, most := 0, 3
	switch f.style {
	case "percent":
		most = 0
	case "currency":
		if digits, ok := f.locale.numbers.Currency[f.currency][2].(float64); ok {
			least, most = int(digits), int(digits)
		}
	}
	f.whole = o.number("minimumIntegerDigits", 1, 21, 1)
	leastFraction, mostFraction := o.number("minimumFractionDigits", 0, 100, -1), o.number("maximumFractionDigits", 0, 100, -1)
	if !goja.IsUndefined(o.value("minimumSignificantDigits")) || !goja.IsUndefined(o.value("maximumSignificantDigits")) {
		f.leastDigits = o.number("minimumSignificantDigits", 1, 21, 1)
		f.mostDigits = o.number("maximumSignificantDigits", f.leastDigits, 21, 21)
		return
	}
	if f.notation == "compact" && leastFraction < 0 && mostFraction < 0 {
		f.compactDigits = true
		return
	}
	if f.notation == "compact" {
		least, most = 0, 0
	}
	switch {
	case leastFraction >= 0 && mostFraction >= 0 && leastFraction > mostFraction:
		o.realm.raise("RangeError", "maximumFractionDigits value is out of range.")
	case leastFraction < 0 && mostFraction >= 0:
		leastFraction = min(least, mostFraction)
	case leastFraction < 0:
		leastFraction = least
	}
	if mostFraction < 0 {
		mostFraction = max(most, leastFraction)
	}
	f.leastFraction, f.mostFraction = leastFraction, mostFraction
}

func (f *numberFormat) readGrouping(o options) {
	f.grouping = "auto"
	if f.notation == "compact" {
		f.grouping = "min2"
	}
	switch value := o.value("useGrouping"); {
	case goja.IsUndefined(value):
	case goja.IsString(value):
		if word := o.word("useGrouping", "", "min2", "auto", "always", "true", "false"); word != "true" && word != "false" {
			f.grouping = word
		}
	case value.ToBoolean():
		f.grouping = "always"
	default:
		f.grouping = "false"
	}
}

// parts formats a number or a BigInt.
func (f *numberFormat) parts(value goja.Value) []piece {
	if goja.IsBigInt(value) {
		return f.decimalParts(parseDecimal(value.String()))
	}
	n := value.ToNumber().ToFloat()
	switch {
	case math.IsNaN(n):
		return f.wrap([]piece{{"nan", "NaN"}}, false, f.signDisplay == "never" || f.signDisplay == "exceptZero" || f.signDisplay == "negative", "NaN", nil)
	case math.IsInf(n, 0):
		return f.wrap([]piece{{"infinity", "∞"}}, n < 0, false, "∞", nil)
	}
	if goja.IsString(value) {
		if text := strings.ToLower(strings.TrimSpace(value.String())); isDecimalText(text) {
			return f.decimalParts(parseDecimal(strings.TrimPrefix(text, "+")))
		}
	}
	return f.decimalParts(decimalOf(n))
}

// isDecimalText tells a text that stands for exactly what it says from one in another notation.
func isDecimalText(text string) bool {
	return text != "" && strings.Trim(text, "0123456789.+-e") == "" && strings.ContainsAny(text, "0123456789")
}

func (f *numberFormat) decimalParts(d decimal) []piece {
	if f.style == "percent" && !d.isZero() {
		d.point += 2
	}
	suffix := ""
	if f.notation == "compact" {
		d, suffix = f.compacted(d)
	} else {
		d = f.round(d)
	}
	least := f.leastFraction
	if f.leastDigits > 0 {
		least = max(f.leastDigits-max(d.point, 0), 0)
		if d.point <= 0 && !d.isZero() {
			least = f.leastDigits - d.point
		} else if d.isZero() {
			least = f.leastDigits - 1
		}
	}
	before, after := d.text(f.whole, least)
	number := f.grouped(before)
	if after != "" {
		number = append(number, piece{"decimal", f.locale.numbers.Decimal}, piece{"fraction", after})
	}
	if suffix != "" {
		if rest, ok := strings.CutPrefix(suffix, " "); ok {
			number, suffix = append(number, piece{"literal", " "}), rest
		}
		number = append(number, piece{"compact", suffix})
	}
	return f.wrap(number, d.negative, d.isZero(), before, []string{after, suffix})
}

func (f *numberFormat) round(d decimal) decimal {
	if f.mostDigits > 0 {
		return d.significant(f.mostDigits)
	}
	return d.rounded(f.mostFraction)
}

// compacted divides a number by what its suffix stands for.
func (f *numberFormat) compacted(d decimal) (decimal, string) {
	suffixes := f.locale.numbers.Compact[f.compactDisplay]
	shorten := func(magnitude int) (decimal, string) {
		if magnitude >= 4 {
			pattern := suffixes[min(magnitude-4, len(suffixes)-1)]
			zeros := len(pattern) - len(strings.TrimLeft(pattern, "0"))
			shifted := d
			shifted.point -= min(magnitude, len(suffixes)+3) - zeros
			return f.roundCompact(shifted), strings.TrimLeft(pattern, "0")
		}
		return f.roundCompact(d), ""
	}
	short, suffix := shorten(d.point)
	if !d.isZero() && short.point > 3 && d.point < len(suffixes)+3 {
		short, suffix = shorten(d.point + 1) // 999.9K is 1M
	}
	return short, suffix
}

func (f *numberFormat) roundCompact(d decimal) decimal {
	switch {
	case !f.compactDigits:
		return f.round(d)
	case d.point < 2:
		return d.significant(2)
	}
	return d.rounded(0)
}

func (f *numberFormat) grouped(whole string) []piece {
	least := f.locale.numbers.MinimumGrouping
	switch f.grouping {
	case "false":
		return []piece{{"integer", whole}}
	case "min2":
		least = 2
	case "always":
		least = 1
	}
	if len(whole) < 3+least {
		return []piece{{"integer", whole}}
	}
	var parts []piece
	for first := true; whole != ""; first = false {
		size := (len(whole)-1)%3 + 1
		if !first {
			parts = append(parts, piece{"group", f.locale.numbers.Group})
		}
		parts = append(parts, piece{"integer", whole[:size]})
		whole = whole[size:]
	}
	return parts
}

// wrap puts the sign and what is counted around a number.
func (f *numberFormat) wrap(number []piece, negative, zero bool, before string, rest []string) []piece {
	sign := ""
	switch f.signDisplay {
	case "auto":
		if negative {
			sign = "-"
		}
	case "always":
		sign = "+"
		if negative {
			sign = "-"
		}
	case "exceptZero":
		if !zero {
			sign = "+"
			if negative {
				sign = "-"
			}
		}
	case "negative":
		if negative && !zero {
			sign = "-"
		}
	}
	single := before == "1" && strings.Join(rest, "") == ""
	switch f.style {
	case "percent":
		return f.fill(signed(f.locale.numbers.Percent, sign), number, "")
	case "currency":
		return f.money(number, sign, single)
	case "unit":
		forms := f.locale.numbers.Units[f.unit][map[string]int{"short": 0, "long": 1, "narrow": 2}[f.unitDisplay]]
		form := forms[1]
		if single {
			form = forms[0]
		}
		return f.fill(signed(form, sign), number, "unit")
	}
	return f.fill(signed("0", sign), number, "")
}

func signed(pattern, sign string) string { return sign + pattern }

// money follows the locale's own pattern for amounts.
func (f *numberFormat) money(number []piece, sign string, single bool) []piece {
	words := f.locale.numbers
	known := words.Currency[f.currency]
	text := func(at int) string {
		symbol, _ := known[at].(string)
		return symbol
	}
	pattern := words.CurrencyPattern
	symbol := text(0)
	switch f.currencyDisplay {
	case "narrowSymbol":
		symbol = text(1)
	case "code":
		symbol = f.currency
	case "name":
		symbol = text(4)
		if single {
			symbol = text(3)
		}
		return f.currencyParts(sign+"0 ¤", number, symbol)
	}
	spaced := strings.Contains(pattern, "¤0") && isLetter(symbol)
	switch {
	case sign == "-" && f.signOfMoney == "accounting":
		pattern = words.CurrencyAccounting
	case sign == "-":
		pattern = words.CurrencyNegative
	default:
		pattern = sign + pattern
	}
	if spaced {
		pattern = strings.Replace(pattern, "¤0", "¤\u00a00", 1)
	}
	return f.currencyParts(pattern, number, symbol)
}

func isLetter(symbol string) bool {
	last, _ := utf8.DecodeLastRuneInString(symbol)
	return unicode.IsLetter(last)
}

func (f *numberFormat) currencyParts(pattern string, number []piece, symbol string) []piece {
	before, after, _ := strings.Cut(pattern, "¤")
	return append(append(f.fill(before, number, ""), piece{"currency", symbol}), f.fill(after, number, "")...)
}

// fill turns a pattern into parts: 0 stands for the number, - and + for the sign.
func (f *numberFormat) fill(pattern string, number []piece, kind string) []piece {
	var parts []piece
	literal := ""
	flush := func() {
		switch trimmed := strings.TrimSpace(strings.ReplaceAll(literal, "\u00a0", " ")); {
		case literal == "":
		case trimmed == "%" && kind == "":
			space := literal[:len(literal)-1]
			if space != "" {
				parts = append(parts, piece{"literal", space})
			}
			parts = append(parts, piece{"percentSign", "%"})
		case kind != "" && trimmed != "":
			at := strings.Index(literal, trimmed)
			if at > 0 {
				parts = append(parts, piece{"literal", literal[:at]})
			}
			parts = append(parts, piece{kind, literal[at:]})
		default:
			parts = append(parts, piece{"literal", literal})
		}
		literal = ""
	}
	for i, c := range pattern {
		switch {
		case c == '0':
			flush()
			parts = append(parts, number...)
		case c == '-' && i < 4 && len(parts) == 0 || c == '-' && strings.HasPrefix(pattern[i:], "-0") && kind == "":
			flush()
			parts = append(parts, piece{"minusSign", f.locale.numbers.Minus})
		case c == '+' && i == 0:
			parts = append(parts, piece{"plusSign", "+"})
		default:
			literal += string(c)
		}
	}
	flush()
	return parts
}

// mendNumber lets numbers be written for people.
func (r *realm) mendNumber() {
	for _, class := range []string{"Number", "BigInt"} {
		prototype := r.prototype(class)
		valueOf := callable(prototype.Get("valueOf"))
		r.install(prototype, "toLocaleString", 0, func(c goja.FunctionCall) goja.Value {
			return r.runtime.ToValue(joined(r.numberFormat(c.Argument(0), r.options(c.Argument(1), class+".prototype.toLocaleString")).parts(r.call(valueOf, c.This))))
		})
	}
}
