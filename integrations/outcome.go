package integrations

// Outcome is what became of a call of a script's method.
type Outcome string

// A method returned, is not there, or failed.
const (
	OutcomeDone    Outcome = "done"
	OutcomeMissing Outcome = "missing"
	OutcomeFailed  Outcome = "failed"
)

func outcomeOf(result ScriptResult, fault *ScriptError) Outcome {
	switch {
	case fault != nil:
		return OutcomeFailed
	case result.Missing:
		return OutcomeMissing
	default:
		return OutcomeDone
	}
}
