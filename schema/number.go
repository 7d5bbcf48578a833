package schema

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// numberText writes f as JavaScript's "" + f does.
func numberText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // the sign of a negative zero is not written
	}
	return string(jsontext.AppendFloat(nil, f, 64))
}

var (
	decimalText = regexp.MustCompile(`^[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$`)
	radixText   = regexp.MustCompile(`^0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// textNumber reads s as JavaScript's +s does and reports whether it is a number. White space around
// the number does not count, and nothing but white space is zero.
func textNumber(s string) (float64, bool) {
	s = strings.TrimFunc(s, isSpace)
	switch {
	case s == "":
		return 0, true
	case decimalText.MatchString(s):
		f, _ := strconv.ParseFloat(s, 64) // out of range is infinite, which is JavaScript's answer too
		return f, true
	case radixText.MatchString(s):
		n, _ := new(big.Int).SetString(s, 0)
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	default:
		return 0, false
	}
}

// isSpace reports whether JavaScript trims r.
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', '\u00a0', '\u2028', '\u2029', '\ufeff':
		return true
	}
	return unicode.Is(unicode.Zs, r)
}
