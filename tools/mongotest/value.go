package main

import "go.mongodb.org/mongo-driver/bson"

// value answers a member of a document; nil where it is not there.
func value(d bson.D, name string) any {
	for _, e := range d {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// integer reads any number; zero where it is none.
func integer(v any) int64 {
	switch n := v.(type) {
	case int32:
		return int64(n)
	case int64:
		return n
	case float64:
		return int64(n)
	default:
		return 0
	}
}

// truth reads a truth value as the server does.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int32, int64, float64:
		return integer(v) != 0
	default:
		return true
	}
}
