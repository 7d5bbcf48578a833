package scripts

import _ "embed"

// Types is the text of types.d.ts: what a script finds and gets, for editors to complete and check.
//
//go:embed types.d.ts
var Types []byte
