package worker

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// localeJSON holds how Node writes numbers and dates in some locales; testdata/v8/locale.js made it.
//
//go:embed locale.json
var localeJSON []byte

// locale is a way of writing numbers and dates.
type locale struct {
	tag      string // as it was asked for
	language string
	dates    dateWords
	numbers  numberWords
}

type dateWords struct {
	Names     map[string][]string
	Date      []string // patterns, by the fields that are wanted
	Time      []string
	ZonedTime []string // with the zone's name
	// With its long name, nothing where it makes no difference.
	LongZonedTime []string
	DateStyles    []string // full, long, medium, short
	TimeStyles    []string // with 12 hours, then with 24
	StyleGlue     []string
	Glue          []string
	DateZone      string // between a date and the zone's name
	Fraction      string // between seconds and their fraction
	Hour12        bool
}

type numberWords struct {
	Decimal, Group, Minus                                               string
	MinimumGrouping                                                     int
	Percent                                                             string
	CurrencyPattern, CurrencyNegative, CurrencyAccounting, CurrencyCode string
	Currency                                                            map[string][]any
	Compact                                                             map[string][]string
	Units                                                               map[string][][]string
}

type localeWords struct {
	Dates   dateWords
	Numbers numberWords
}

var knownLocales = sync.OnceValue(func() map[string]localeWords {
	var known map[string]localeWords
	if err := json.Unmarshal(localeJSON, &known); err != nil {
		panic(err)
	}
	return known
})

// defaultLocale is Node's where the environment names none.
const defaultLocale = "en-US"

// locale is the first of those that are asked for. One that is not known here is refused: V8 knows
// it, and would write otherwise.
func (r *realm) locale(asked goja.Value) locale {
	tags := r.localeTags(asked)
	if len(tags) == 0 {
		tags = []string{defaultLocale}
	}
	known := knownLocales()
	name := fullTag(tags[0])
	words, ok := known[name]
	if !ok {
		r.raise("RangeError", "locale "+tags[0]+" is not supported here, only "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	language, _, _ := strings.Cut(name, "-")
	return locale{tag: tags[0], language: language, dates: words.Dates, numbers: words.Numbers}
}

// fullTag adds the region that a language alone stands for.
func fullTag(tag string) string {
	for name := range knownLocales() {
		if language, _, _ := strings.Cut(name, "-"); tag == language && language != "en" {
			return name
		}
	}
	if tag == "en" {
		return defaultLocale
	}
	return tag
}

// localeTags reads a tag, a list of tags or nothing.
func (r *realm) localeTags(asked goja.Value) []string {
	switch object, isObject := asked.(*goja.Object); {
	case asked == nil || goja.IsUndefined(asked):
		return nil
	case goja.IsNull(asked):
		panic(r.runtime.NewTypeError("Cannot convert undefined or null to object"))
	case isObject && r.class(object) == "Array":
		var tags []string
		r.runtime.ForOf(object, func(tag goja.Value) bool {
			tags = append(tags, r.localeTag(tag))
			return true
		})
		return tags
	case goja.IsString(asked) || isObject:
		return []string{r.localeTag(asked)}
	}
	panic(r.runtime.NewTypeError("Incorrect locale information provided"))
}

func (r *realm) localeTag(value goja.Value) string {
	if _, ok := value.(*goja.Object); !ok && !goja.IsString(value) {
		panic(r.runtime.NewTypeError("Language ID should be string or object."))
	}
	tag := r.toString(value).String()
	if !isLocaleTag(tag) {
		r.raise("RangeError", "Incorrect locale information provided")
	}
	parts := strings.Split(tag, "-")
	parts[0] = strings.ToLower(parts[0])
	for i := 1; i < len(parts); i++ {
		switch len(parts[i]) {
		case 2:
			parts[i] = strings.ToUpper(parts[i])
		case 4:
			parts[i] = strings.ToUpper(parts[i][:1]) + strings.ToLower(parts[i][1:])
		default:
			parts[i] = strings.ToLower(parts[i])
		}
	}
	return strings.Join(parts, "-")
}

func isLocaleTag(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if len(part) < 1 || len(part) > 8 || i == 0 && (len(part) < 2 || len(part) == 4) {
			return false
		}
		for _, c := range []byte(part) {
			if c >= 0x80 || !isNameByte(c) || c == '_' || c == '$' || i == 0 && isDigit(c) {
				return false
			}
		}
	}
	return true
}

// refuse ends a native function where V8 could do what is asked, and this engine cannot.
func (r *realm) refuse(what string) { r.raise("RangeError", what+" is not supported here") }

// options reads the last argument of the functions that format.
type options struct {
	realm  *realm
	object *goja.Object
	owner  string // for messages
}

func (r *realm) options(value goja.Value, owner string) options {
	if value == nil || goja.IsUndefined(value) {
		return options{r, nil, owner}
	}
	if goja.IsNull(value) {
		panic(r.runtime.NewTypeError("Cannot convert undefined or null to object"))
	}
	return options{r, value.ToObject(r.runtime), owner}
}

// none are the options where there are none.
func (o options) none() options { return options{o.realm, nil, o.owner} }

func (o options) value(name string) goja.Value {
	if o.object != nil {
		if value := o.object.Get(name); value != nil {
			return value
		}
	}
	return goja.Undefined()
}

// word reads one of some words. Without a list any will do.
func (o options) word(name, otherwise string, of ...string) string {
	value := o.value(name)
	if goja.IsUndefined(value) {
		return otherwise
	}
	word := o.realm.toString(value).String()
	if len(of) > 0 && !slices.Contains(of, word) {
		o.realm.raise("RangeError", "Value "+word+" out of range for "+o.owner+" options property "+name)
	}
	return word
}

// number reads a whole number within bounds.
func (o options) number(name string, least, most, otherwise int) int {
	value := o.value(name)
	if goja.IsUndefined(value) {
		return otherwise
	}
	f := value.ToNumber().ToFloat()
	if !(f >= float64(least) && f <= float64(most)) {
		o.realm.raise("RangeError", name+" value is out of range.")
	}
	return int(f)
}

// absent refuses options that would change the result.
func (o options) absent(names ...string) {
	for _, name := range names {
		if value := o.value(name); !goja.IsUndefined(value) {
			o.realm.refuse("option " + name + " of " + o.owner)
		}
	}
}

// piece is a part of what was formatted.
type piece struct{ kind, text string }

func joined(parts []piece) string {
	var out strings.Builder
	for _, p := range parts {
		out.WriteString(p.text)
	}
	return out.String()
}

func (r *realm) partsValue(parts []piece) goja.Value {
	items := make([]any, len(parts))
	for i, p := range parts {
		item := r.runtime.NewObject()
		put(item, "type", r.runtime.ToValue(p.kind))
		put(item, "value", r.runtime.ToValue(p.text))
		items[i] = item
	}
	return r.runtime.NewArray(items...)
}
