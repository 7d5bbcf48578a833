package api_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestX(t *testing.T) { _ = openapi3.NewLoader() }
