package worker

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // services sign with it, and a script has to check what they send
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // GitHub's older signatures are HMACs with it
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// digests are the algorithms for crypto.createHash and its kin, by Node's names.
var digests = map[string]func() hash.Hash{
	"md5":    md5.New,
	"sha1":   sha1.New,
	"sha224": sha256.New224,
	"sha256": sha256.New,
	"sha384": sha512.New384,
	"sha512": sha512.New,
}

// digestOf finds an algorithm; WebCrypto writes SHA-256 where Node writes sha256.
func digestOf(name string) func() hash.Hash {
	return digests[strings.ReplaceAll(strings.ToLower(name), "-", "")]
}

// cryptoObject has what scripts need to check signatures and to sign: of Node's module and of
// WebCrypto, under one name.
func (r *realm) cryptoObject() goja.Value {
	object := r.runtime.NewObject()
	hashes, hmacs := r.digesterClass("Hash"), r.digesterClass("Hmac")
	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"createHash": func(c goja.FunctionCall) goja.Value {
			algorithm := digestOf(r.textArgument("algorithm", c.Argument(0)))
			if algorithm == nil {
				r.throw("Error", "", "Digest method not supported")
			}
			return hashes.instance(&digester{state: algorithm()})
		},
		"createHmac": func(c goja.FunctionCall) goja.Value {
			name := r.textArgument("hmac", c.Argument(0))
			algorithm := digestOf(name)
			if algorithm == nil {
				r.throw("TypeError", "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: %s", language.Shorten(name, language.LongestName))
			}
			key := r.bytesArgument("key", c.Argument(1), nil)
			return hmacs.instance(&digester{state: hmac.New(algorithm, key)})
		},
		"timingSafeEqual": r.timingSafeEqual,
		"randomUUID":      func(goja.FunctionCall) goja.Value { return r.runtime.ToValue(randomUUID()) },
		"randomBytes":     r.randomBytes,
		"getRandomValues": r.getRandomValues,
		"getHashes": func(goja.FunctionCall) goja.Value {
			return r.runtime.NewArray("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
		},
	} {
		define(object, name, r.native(name, 1, f))
	}
	r.lazyMember(object, "subtle", r.subtleObject)
	return object
}

// lazyMember defines a property that is made when it is first read.
func (r *realm) lazyMember(object *goja.Object, name string, make func() goja.Value) {
	var value goja.Value
	getter := r.native("get "+name, 0, func(goja.FunctionCall) goja.Value {
		if value == nil {
			value = make()
		}
		return value
	})
	_ = object.DefineAccessorProperty(name, getter, nil, goja.FLAG_TRUE, goja.FLAG_TRUE) // it is new
}

// digester is the state of a Hash or Hmac.
type digester struct {
	state hash.Hash
	done  bool
}

func (r *realm) digesterClass(name string) class {
	c := r.newClass(name, 0, func(goja.ConstructorCall) any {
		panic(r.runtime.NewTypeError("Illegal constructor"))
	})
	open := func(this goja.Value) *digester {
		d := receiver[*digester](c, this)
		if d.done {
			r.throw("Error", "ERR_CRYPTO_HASH_FINALIZED", "Digest already called")
		}
		return d
	}
	c.method("update", 2, func(call goja.FunctionCall) goja.Value {
		open(call.This).state.Write(r.bytesArgument("data", call.Argument(0), call.Argument(1)))
		return call.This
	})
	c.method("digest", 1, func(call goja.FunctionCall) goja.Value {
		d := open(call.This)
		d.done = true
		return r.encoded(d.state.Sum(nil), call.Argument(0))
	})
	if name == "Hash" {
		c.method("copy", 0, func(call goja.FunctionCall) goja.Value {
			return c.instance(&digester{state: copied(open(call.This).state)})
		})
	}
	return c
}

// copied returns a hash that goes on from where another is.
func copied(from hash.Hash) hash.Hash {
	clone, err := from.(hash.Cloner).Clone() //nolint:forcetypeassert // all of digests are
	if err != nil {
		panic(err)
	}
	return clone
}

// encoded gives bytes as text in the encoding, or as a Buffer where none is named.
func (r *realm) encoded(b []byte, name goja.Value) goja.Value {
	if isNothing(name) || name.String() == "buffer" {
		return r.buffer(b)
	}
	return r.encodingOf(name).decode(b)
}

// textArgument takes nothing but a string.
func (r *realm) textArgument(name string, value goja.Value) string {
	if !goja.IsString(value) {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "%s" argument must be of type string. Received %s`, name, r.received(value))
	}
	return value.String()
}

// bytesArgument takes a string or bytes.
func (r *realm) bytesArgument(name string, value, encodingName goja.Value) []byte {
	b, ok := r.textOrBytes(value, encodingName)
	if !ok {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE",
			`The "%s" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received %s`, name, r.received(value))
	}
	return b
}

func (r *realm) timingSafeEqual(c goja.FunctionCall) goja.Value {
	var sides [2][]byte
	for i, name := range []string{"buf1", "buf2"} {
		b, ok := r.bytesOf(c.Argument(i))
		if !ok {
			r.throw("TypeError", "ERR_INVALID_ARG_TYPE",
				`The "%s" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`, name)
		}
		sides[i] = b
	}
	if len(sides[0]) != len(sides[1]) {
		r.throw("RangeError", "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length")
	}
	return r.runtime.ToValue(subtle.ConstantTimeCompare(sides[0], sides[1]) == 1)
}

func (r *realm) randomBytes(c goja.FunctionCall) goja.Value {
	b := make([]byte, r.bounded(c.Argument(0).ToInteger()))
	_, _ = rand.Read(b) // it ends the process rather than fail
	return r.buffer(b)
}

// randomUUID is one of version 4.
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it ends the process rather than fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (r *realm) getRandomValues(c goja.FunctionCall) goja.Value {
	const most = 65536
	b, ok := exported[[]byte](c.Argument(0))
	switch {
	case !ok:
		r.throw("TypeError", "", "crypto.getRandomValues fills a Uint8Array here, and nothing else")
	case len(b) > most:
		panic(r.newDOMException("QuotaExceededError", "The requested length exceeds 65,536 bytes"))
	}
	_, _ = rand.Read(b) // it ends the process rather than fail
	return c.Argument(0)
}
