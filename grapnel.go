// Package grapnel is the root of the module: it holds the description of the HTTP API, and its
// tests keep the house honest.
package grapnel

import _ "embed"

// OpenAPI is the text of openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte
