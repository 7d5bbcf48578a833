package schema

import (
	"fmt"
	"slices"
	"testing"
)

func TestObjectKeepsOrder(t *testing.T) {
	for _, size := range []int{0, 3, indexFrom, indexFrom + 1, 100} {
		t.Run(fmt.Sprintf("%d members", size), func(t *testing.T) {
			o := NewObject()
			var want []string
			for i := range size {
				o.Set(fmt.Sprint("k", i), float64(i))
				want = append(want, fmt.Sprint("k", i))
			}
			o.Set("first", true)
			o.Set("last", nil)
			o.Set("first", "replaced")
			want = append(want, "first", "last")
			if got := keys(o); !slices.Equal(got, want) {
				t.Errorf("keys = %v, want %v", got, want)
			}
			if v, ok := o.Get("first"); v != "replaced" || !ok {
				t.Errorf("Get(first) = %v, %v, want replaced, true", v, ok)
			}
			if v, ok := o.Get("last"); v != nil || !ok {
				t.Errorf("Get(last) = %v, %v, want nil, true", v, ok)
			}
			o.Delete("absent")
			o.Delete("first")
			if _, ok := o.Get("first"); ok || o.Len() != size+1 {
				t.Errorf("after Delete(first): Get finds it: %v, Len = %d", ok, o.Len())
			}
			if v, ok := o.Get("last"); v != nil || !ok {
				t.Errorf("after Delete(first): Get(last) = %v, %v, want nil, true", v, ok)
			}
		})
	}
}

func TestObjectAllStops(t *testing.T) {
	o := NewObject()
	o.Set("a", nil)
	o.Set("b", nil)
	for key := range o.All() {
		if key != "a" {
			t.Errorf("All went on to %q", key)
		}
		break
	}
}

func keys(o *Object) []string {
	var out []string
	for key := range o.All() {
		out = append(out, key)
	}
	return out
}
