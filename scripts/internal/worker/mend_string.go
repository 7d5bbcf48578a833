package worker

import (
	"math"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// mendHTML adds the methods that make HTML.
func (r *realm) mendHTML() {
	prototype := r.prototype("String")
	for name, tag := range map[string][2]string{
		"anchor": {"a", "name"}, "big": {"big"}, "blink": {"blink"}, "bold": {"b"}, "fixed": {"tt"},
		"fontcolor": {"font", "color"}, "fontsize": {"font", "size"}, "italics": {"i"}, "link": {"a", "href"},
		"small": {"small"}, "strike": {"strike"}, "sub": {"sub"}, "sup": {"sup"},
	} {
		r.htmlMethod(prototype, name, tag[0], tag[1])
	}
}

// mendWellFormed adds the methods that care for half pairs of surrogates.
func (r *realm) mendWellFormed() {
	prototype := r.prototype("String")
	r.install(prototype, "isWellFormed", 0, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(isWellFormed(unitsOf(r.textOf(c, "isWellFormed"))))
	})
	r.install(prototype, "toWellFormed", 0, func(c goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(string(utf16.Decode(unitsOf(r.textOf(c, "toWellFormed")))))
	})
}

func (r *realm) htmlMethod(prototype *goja.Object, name, tag, attribute string) {
	parameters := min(len(attribute), 1)
	r.install(prototype, name, parameters, func(c goja.FunctionCall) goja.Value {
		text := r.textOf(c, name).String()
		open := tag
		if attribute != "" {
			value := strings.ReplaceAll(r.toString(c.Argument(0)).String(), `"`, "&quot;")
			open += " " + attribute + `="` + value + `"`
		}
		return r.runtime.ToValue("<" + open + ">" + text + "</" + tag + ">")
	})
}

// unitsOf are the UTF-16 units that JavaScript counts.
func unitsOf(text goja.String) []uint16 {
	units := make([]uint16, text.Length())
	for i := range units {
		units[i] = text.CharAt(i)
	}
	return units
}

func isWellFormed(units []uint16) bool {
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			continue
		}
		if i+1 == len(units) || utf16.DecodeRune(rune(units[i]), rune(units[i+1])) == '\uFFFD' {
			return false
		}
		i++
	}
	return true
}

// mendCase compares as people sort, and refuses letters that a locale changes in its own way: the
// engine does not know locales.
func (r *realm) mendCase() {
	prototype := r.prototype("String")
	r.install(prototype, "localeCompare", 1, r.localeCompare)
	for local, plain := range map[string]string{"toLocaleUpperCase": "toUpperCase", "toLocaleLowerCase": "toLowerCase"} {
		convert := callable(prototype.Get(plain))
		r.install(prototype, local, 0, func(c goja.FunctionCall) goja.Value {
			text := r.textOf(c, local)
			switch language := r.locale(c.Argument(0)).language; language {
			case "tr", "az", "lt", "el":
				r.refuse("the letters of locale " + language)
			}
			return r.call(convert, text)
		})
	}
}

// mendMessages words as V8 does what the engine leaves unsaid.
func (r *realm) mendMessages() {
	prototype := r.prototype("String")
	repeat := callable(prototype.Get("repeat"))
	r.install(prototype, "repeat", 1, func(c goja.FunctionCall) goja.Value {
		text := r.textOf(c, "repeat")
		count := c.Argument(0).ToNumber()
		if f := count.ToFloat(); f <= -1 || math.IsInf(f, 1) {
			r.raise("RangeError", "Invalid count value: "+c.Argument(0).String())
		}
		if f := count.ToFloat(); float64(text.Length())*f > maxText {
			r.raise("RangeError", "Invalid string length")
		}
		return r.call(repeat, text, count)
	})
	for _, name := range []string{"padStart", "padEnd"} {
		pad := callable(prototype.Get(name))
		r.install(prototype, name, 1, func(c goja.FunctionCall) goja.Value {
			text := r.textOf(c, name)
			if length := c.Argument(0).ToNumber(); length.ToFloat() > maxText {
				r.raise("RangeError", "Invalid string length")
			}
			return r.call(pad, text, c.Arguments...)
		})
	}
	normalize := callable(prototype.Get("normalize"))
	r.install(prototype, "normalize", 0, func(c goja.FunctionCall) goja.Value {
		text := r.textOf(c, "normalize")
		form := c.Argument(0)
		if goja.IsUndefined(form) {
			return r.call(normalize, text)
		}
		name := r.toString(form)
		switch name.String() {
		case "NFC", "NFD", "NFKC", "NFKD":
			return r.call(normalize, text, name)
		}
		r.raise("RangeError", "The normalization form should be one of NFC, NFD, NFKC, NFKD.")
		return nil
	})
}

// maxText is how long a string can be in V8.
const maxText = 1<<29 - 24
