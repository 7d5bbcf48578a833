package worker

import (
	"crypto/hmac"
	"crypto/subtle"
	"hash"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// hmacKey is the state of a CryptoKey.
type hmacKey struct {
	algorithm   func() hash.Hash
	secret      []byte
	extractable bool
}

// subtleObject is crypto.subtle for digests and HMAC; what else WebCrypto knows is refused by name.
func (r *realm) subtleObject() goja.Value {
	keys := r.newClass("CryptoKey", 0, func(goja.ConstructorCall) any { panic(r.runtime.NewTypeError("Illegal constructor")) })
	keys.getter("type", func(goja.Value) goja.Value { return r.runtime.ToValue("secret") })
	keys.getter("extractable", func(this goja.Value) goja.Value {
		return r.runtime.ToValue(receiver[*hmacKey](keys, this).extractable)
	})
	object := r.runtime.NewObject()
	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"digest": func(c goja.FunctionCall) goja.Value {
			h := r.subtleDigest(c.Argument(0))()
			h.Write(r.arrayArgument("data", c.Argument(1)))
			return r.arrayBuffer(h.Sum(nil))
		},
		"importKey": func(c goja.FunctionCall) goja.Value { return keys.instance(r.importKey(c)) },
		"exportKey": func(c goja.FunctionCall) goja.Value {
			key := receiver[*hmacKey](keys, c.Argument(1))
			if !key.extractable || c.Argument(0).String() != "raw" {
				panic(r.newDOMException("InvalidAccessError", "key is not extractable"))
			}
			return r.arrayBuffer(append([]byte{}, key.secret...))
		},
		"sign": func(c goja.FunctionCall) goja.Value {
			return r.arrayBuffer(r.signature(keys, c))
		},
		"verify": func(c goja.FunctionCall) goja.Value {
			given := r.arrayArgument("signature", c.Argument(2))
			c.Arguments = []goja.Value{c.Argument(0), c.Argument(1), c.Argument(3)}
			return r.runtime.ToValue(subtle.ConstantTimeCompare(r.signature(keys, c), given) == 1)
		},
	} {
		define(object, name, r.promising(name, f))
	}
	return object
}

// promising makes a function that answers with a promise, also of what it throws.
func (r *realm) promising(name string, f func(goja.FunctionCall) goja.Value) goja.Value {
	return r.native(name, 1, func(c goja.FunctionCall) goja.Value {
		return r.promised(func() goja.Value { return f(c) })
	})
}

// promised returns a promise of what f returns or throws.
func (r *realm) promised(f func() goja.Value) goja.Value {
	promise, resolve, reject := r.runtime.NewPromise()
	var value goja.Value
	var err error
	if exception := r.runtime.Try(func() { value = f() }); exception != nil {
		err = reject(exception.Value())
	} else {
		err = resolve(value)
	}
	if err != nil {
		panic(err)
	}
	return r.runtime.ToValue(promise)
}

func (r *realm) subtleDigest(name goja.Value) func() hash.Hash {
	if named := option(name, "name"); named != nil {
		name = named
	}
	algorithm := digestOf(name.String())
	if algorithm == nil {
		panic(r.newDOMException("NotSupportedError", "Unrecognized algorithm name"))
	}
	return algorithm
}

func (r *realm) importKey(c goja.FunctionCall) *hmacKey {
	if format := c.Argument(0).String(); format != "raw" {
		panic(r.newDOMException("NotSupportedError", "crypto.subtle imports raw keys here, not "+language.Shorten(format, language.LongestName)))
	}
	r.hmacOnly(c.Argument(2))
	hashName := option(c.Argument(2), "hash")
	if hashName == nil {
		r.throw("TypeError", "ERR_MISSING_OPTION", "algorithm.hash is required")
	}
	return &hmacKey{
		algorithm:   r.subtleDigest(hashName),
		secret:      append([]byte{}, r.arrayArgument("keyData", c.Argument(1))...),
		extractable: c.Argument(3).ToBoolean(),
	}
}

// hmacOnly refuses other algorithms.
func (r *realm) hmacOnly(algorithm goja.Value) {
	if named := option(algorithm, "name"); named != nil {
		algorithm = named
	}
	if name := algorithm.String(); name != "HMAC" {
		panic(r.newDOMException("NotSupportedError", "crypto.subtle signs with HMAC here, not with "+language.Shorten(name, language.LongestName)))
	}
}

func (r *realm) signature(keys class, c goja.FunctionCall) []byte {
	r.hmacOnly(c.Argument(0))
	key := receiver[*hmacKey](keys, c.Argument(1))
	h := hmac.New(key.algorithm, key.secret)
	h.Write(r.arrayArgument("data", c.Argument(2)))
	return h.Sum(nil)
}
