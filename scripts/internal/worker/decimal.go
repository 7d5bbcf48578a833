package worker

import (
	"strconv"
	"strings"
)

// decimal is a number as it is written: 0.DIGITS times ten to the power of point.
type decimal struct {
	negative bool
	digits   string // without zeros at either end; none for zero
	point    int
}

// decimalOf has the digits that JavaScript shows of a number, which must be finite.
func decimalOf(f float64) decimal {
	return parseDecimal(strconv.FormatFloat(f, 'e', -1, 64))
}

// parseDecimal reads digits with an optional sign, point and exponent.
func parseDecimal(text string) decimal {
	var d decimal
	text, d.negative = strings.CutPrefix(text, "-")
	mantissa, exponent, _ := strings.Cut(text, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift, _ := strconv.Atoi(exponent)
	d.digits, d.point = whole+fraction, len(whole)+shift
	return d.trimmed()
}

func (d decimal) trimmed() decimal {
	lead := len(d.digits) - len(strings.TrimLeft(d.digits, "0"))
	d.digits, d.point = strings.TrimRight(d.digits[lead:], "0"), d.point-lead
	if d.digits == "" {
		d.point = 0
	}
	return d
}

func (d decimal) isZero() bool { return d.digits == "" }

// rounded keeps so many digits after the point; halves go away from zero.
func (d decimal) rounded(fraction int) decimal {
	keep := d.point + fraction
	if keep >= len(d.digits) {
		return d
	}
	if keep < 0 {
		d.digits, d.point = "", 0
		return d
	}
	up := d.digits[keep] >= '5'
	kept := []byte("0" + d.digits[:keep])
	d.point++
	for i := len(kept) - 1; up && i >= 0; i-- {
		if kept[i]++; kept[i] <= '9' {
			up = false
		} else {
			kept[i] = '0'
		}
	}
	d.digits = string(kept)
	return d.trimmed()
}

// significant keeps so many digits in all.
func (d decimal) significant(n int) decimal { return d.rounded(n - d.point) }

// text returns the digits before and after the point, with at least so many of each.
func (d decimal) text(whole, fraction int) (before, after string) {
	digits, point := d.digits, d.point
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if len(digits) < point {
		digits += strings.Repeat("0", point-len(digits))
	}
	before, after = digits[:point], digits[point:]
	if len(before) < whole {
		before = strings.Repeat("0", whole-len(before)) + before
	}
	if len(after) < fraction {
		after += strings.Repeat("0", fraction-len(after))
	}
	return before, after
}
