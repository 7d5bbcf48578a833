// Package thirdparty holds JavaScript libraries for scripts, as their authors released them.
//
// Each folder has a file of the npm package of its name and the package's licence, both unmodified.
// SHA256SUMS says what they are; `sha256sum -c SHA256SUMS` and a test compare. To take another
// version, unpack it from `npm pack NAME@VERSION` and write the file anew.
package thirdparty

import _ "embed"

// Lodash is lodash 4.17.21, lodash.min.js.
//
//go:embed lodash/lodash.min.js
var Lodash string

// Moment is moment 2.30.1 with its English locale only, min/moment.min.js.
//
//go:embed moment/moment.min.js
var Moment string
