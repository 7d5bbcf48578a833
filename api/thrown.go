package api

// thrown is an error whose words depend on the route. Its cause stays inside, for logs.
type thrown struct {
	wording
	cause error
}

func (e *thrown) Error() string { return e.reason }
func (e *thrown) Unwrap() error { return e.cause }

// plainError says a sentence without a code.
func plainError(text string) error { return &thrown{wording: wording{reason: text}} }

// codeError says a sentence with upstream's code for it.
func codeError(code, reason string) error {
	return &thrown{wording: wording{code: code, reason: reason}}
}

// actionRefused says that a permission for an action is missing.
func actionRefused(cause error, reason string) error {
	return &thrown{wording: wording{code: "error-action-not-allowed", reason: reason}, cause: cause}
}
