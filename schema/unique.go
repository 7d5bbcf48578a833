package schema

import "slices"

// duplicate finds two equal items as AJV does, from the back: i is the first item that has an equal
// after it, j that equal. The items are scalars.
func duplicate(items []any) (i, j int, found bool) {
	seen := make(map[any]int, len(items))
	for i, item := range slices.Backward(items) {
		if j, ok := seen[item]; ok {
			return i, j, true
		}
		seen[item] = i
	}
	return 0, 0, false
}
