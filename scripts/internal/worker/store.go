package worker

import (
	"fmt"
	"maps"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// kept is what a script keeps in Store, as its realm knows it. What was written down is handed over
// with each call, and read when the script first asks for anything. A value that is the same text as
// before stays the same object: authors change what they got.
type kept struct {
	values   map[string]*keptValue
	incoming []byte // what is written down; nil where nothing is, as in a trial
	behind   bool   // incoming was not read yet
	calls    int
	size     int // of the keys and texts
	touched  []string
	changes  []integrations.ScriptValue // of the call that has ended
}

// keptValue is a value and its text. A value without a text, such as a function, lives in this realm
// alone.
type keptValue struct {
	value   goja.Value // nil until the text is asked for as a value, or where there is nothing
	text    string
	hasText bool

	written   string // the text that is written down
	isWritten bool

	call    int // in which it was last seen among what is written down
	touched bool
}

func (k *kept) begin(incoming []byte) {
	k.incoming, k.behind = incoming, incoming != nil
	k.touched, k.changes = k.touched[:0], nil
	k.calls++
}

// read takes in what is written down.
func (k *kept) read() {
	if k.values == nil {
		k.values = make(map[string]*keptValue)
	}
	if !k.behind {
		return
	}
	k.behind = false
	for key, text := range wire.EachValue(k.incoming) {
		v := k.values[string(key)]
		if v == nil || !v.isWritten || v.written != string(text) {
			v = &keptValue{text: string(text), hasText: true, written: string(text), isWritten: true}
			k.values[string(key)] = v
		}
		v.call = k.calls
	}
	k.size = 0
	maps.DeleteFunc(k.values, func(key string, v *keptValue) bool {
		if v.isWritten && v.call != k.calls {
			return true // somebody else removed it
		}
		k.size += v.sizeUnder(key)
		return false
	})
}

func (v *keptValue) sizeUnder(key string) int {
	if !v.hasText {
		return 0
	}
	return len(key) + len(v.text)
}

// touch notes that a value may be changed in this call.
func (k *kept) touch(key string, v *keptValue) {
	if !v.touched {
		v.touched = true
		k.touched = append(k.touched, key)
	}
}

// setText gives a value another text, and says whether that fits.
func (k *kept) setText(key string, v *keptValue, text string, hasText bool) bool {
	before := v.sizeUnder(key)
	after := 0
	if hasText {
		after = len(key) + len(text)
	}
	if k.size-before+after > wire.StoreSize && after > before {
		return false
	}
	v.text, v.hasText = text, hasText
	k.size += after - before
	return true
}

// storeObject keeps values from call to call.
func (r *realm) storeObject() *goja.Object {
	store := r.runtime.NewObject()
	hide(store, "get", r.native("get", 1, func(c goja.FunctionCall) goja.Value {
		return r.storeGet(c.Argument(0).String())
	}))
	hide(store, "set", r.native("set", 2, func(c goja.FunctionCall) goja.Value {
		r.storeSet(c.Argument(0).String(), c.Argument(1))
		return c.Argument(1)
	}))
	return store
}

func (r *realm) storeGet(key string) goja.Value {
	r.kept.read()
	v := r.kept.values[key]
	if v == nil {
		return goja.Undefined()
	}
	if v.value == nil && v.hasText {
		v.value = r.parseJSON([]byte(v.text))
	}
	if _, ok := v.value.(*goja.Object); ok {
		r.kept.touch(key, v)
	}
	return orUndefined(v.value)
}

func (r *realm) storeSet(key string, value goja.Value) {
	text, hasText, err := r.keptText(key, value) // may run the author's code, which may come here again
	if err != nil {
		panic(err)
	}
	r.kept.read()
	v := r.kept.values[key]
	if v == nil {
		v = &keptValue{}
		r.kept.values[key] = v
	}
	r.kept.touch(key, v)
	if !r.kept.setText(key, v, text, hasText) {
		panic(r.newError("RangeError", fmt.Sprintf("Store cannot hold more than %s; there is no room for the value of %s", wire.SizeText(wire.StoreSize), named(key))))
	}
	if v.value = value; goja.IsUndefined(value) {
		v.value = nil
	}
}

// keptText is a value's JSON text, if it has one. What the author's own code throws meanwhile, or a
// value that leads back to itself, is worded so that the key is known; any other error is no
// exception, and ends the run.
func (r *realm) keptText(key string, value goja.Value) (text string, hasText bool, err error) {
	text, hasText, err = r.stringify(value, wire.StoreSize)
	var cause string
	switch e := err.(type) { //nolint:errorlint // to unwrap it would run the script's code
	case nil:
		return text, hasText, nil
	case *goja.Exception:
		if goja.IsBigInt(value) { // it has no text, as a function has none
			return "", false, nil
		}
		cause = r.exception(e).Message
	case nestedError:
		cause = e.Error()
	default:
		return "", false, err
	}
	wrong := r.runtime.NewTypeError("Store cannot keep the value of %s: %s", named(key), cause)
	return "", false, r.attempt(func() { panic(wrong) })
}

// named is a key as messages show it.
func named(key string) string { return fmt.Sprintf("%q", language.Shorten(key, language.LongestName)) }

// conclude finds what a call has changed in Store. A run that failed keeps what it changed before
// that; one that was stopped at an arbitrary point keeps nothing.
func (r *realm) conclude(phase integrations.ScriptPhase) *integrations.ScriptError {
	if r.broken || r.overdue {
		return nil
	}
	if err := r.rewrite(); err != nil {
		r.kept.forget()
		return r.failure(phase, err)
	}
	r.kept.note()
	return nil
}

// errGrown is for a value that grew in place. It is worded where there is no author's line to name.
type errGrown struct{ key string }

func (e errGrown) Error() string {
	return fmt.Sprintf("Store cannot hold more than %s; the value of %s has grown beyond it", wire.SizeText(wire.StoreSize), named(e.key))
}

// rewrite writes the touched objects anew, as they may have been changed in place. Doing so may run
// the author's code, which may touch others.
func (r *realm) rewrite() error {
	for done := 0; done < len(r.kept.touched); done++ { //nolint:intrange // it may get longer meanwhile
		key := r.kept.touched[done]
		v := r.kept.values[key]
		object, ok := v.value.(*goja.Object)
		if !ok {
			continue
		}
		text, hasText, err := r.keptText(key, object)
		if err != nil {
			return err
		}
		if v.value == goja.Value(object) && !r.kept.setText(key, v, text, hasText) {
			return errGrown{key}
		}
	}
	return nil
}

// note lists what differs from what is written down.
func (k *kept) note() {
	for _, key := range k.touched {
		v := k.values[key]
		v.touched = false
		switch {
		case v.hasText && (!v.isWritten || v.text != v.written):
			k.changes = append(k.changes, integrations.ScriptValue{Key: key, Value: []byte(v.text)})
		case !v.hasText && v.isWritten:
			k.changes = append(k.changes, integrations.ScriptValue{Key: key})
		}
		v.written, v.isWritten = v.text, v.hasText
		if v.value == nil && !v.hasText {
			delete(k.values, key)
		}
	}
	k.touched = k.touched[:0]
}

// forget lets go of what cannot be kept; the next call reads what is written down.
func (k *kept) forget() {
	for _, key := range k.touched {
		if v := k.values[key]; v != nil {
			k.setText(key, v, "", false)
			delete(k.values, key)
		}
	}
	k.touched = k.touched[:0]
}

// put writes what a call has changed behind its answer, and forgets it.
func (k *kept) put(w *wire.Writer) {
	if len(k.changes) == 0 {
		w.Bytes(nil)
		return
	}
	w.Bytes(wire.EncodeValues(k.changes))
	k.changes = nil
}
