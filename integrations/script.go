package integrations

import (
	"context"
	"fmt"
	"time"
)

// ScriptMethod names one of the methods a script may define.
type ScriptMethod string

// The three methods of a Script class.
const (
	ProcessIncomingRequest  ScriptMethod = "process_incoming_request"
	PrepareOutgoingRequest  ScriptMethod = "prepare_outgoing_request"
	ProcessOutgoingResponse ScriptMethod = "process_outgoing_response"
)

// Scripts compiles and runs authors' scripts. Nothing a script does may harm the caller: both
// methods return within their limits whatever the source holds.
type Scripts interface {
	// Compile returns the text to run later. A source that does not parse is a *ScriptError.
	Compile(ctx context.Context, source ScriptSource) (compiled string, err error)
	// Run calls one method once. A script that fails, in any way, is a *ScriptError; one that was
	// stopped several times in a row is not run for a while, which is a *ScriptThrottledError.
	Run(ctx context.Context, call ScriptCall) (ScriptResult, error)
	// Throttled tells until when the owner's script is not run, by nil if it is.
	Throttled(owner string) *ScriptThrottledError
}

// ScriptSource is what an author wrote.
type ScriptSource struct {
	Text string
	// Strict keeps class bodies strict, as native code has them. Otherwise every name that is
	// assigned without a declaration is declared for the author.
	Strict bool
}

// ScriptCall is one call of one method.
type ScriptCall struct {
	Owner    string // integration id; what a script keeps between calls is kept per owner
	Version  string // changes with every save; a new version starts without kept state
	Compiled string // what Compile returned
	Method   ScriptMethod
	// Argument is the JSON document handed to the method, for example {"request":{…}}, without
	// the contents below.
	Argument []byte
	// Content is JSON text. It becomes request.content and request.body of an incoming request
	// and response.content of an outgoing response; nil leaves them undefined. What is wrong in a
	// part that the script does not read may go unnoticed.
	Content []byte
	// Raw becomes content_raw; nil means that the raw text is Content itself.
	Raw []byte
	// Kept is where the values of Store come from and go to. Nil: Store starts empty, and nothing of
	// it is kept.
	Kept ScriptKeeper
}

// ScriptResult is what a method returned.
type ScriptResult struct {
	// Missing says that the script does not define the method.
	Missing bool
	// Value is JSON text, nil where the method is missing or returned undefined.
	Value []byte
	// Console holds the lines that the script printed, cut at the configured size.
	Console []string
	// Took is the script's own time, without what it waited for calls out.
	Took time.Duration
	// Memory is the most heap that was seen in its process during the call, in bytes.
	Memory int64
}

// ScriptKeeper keeps what one version of an integration's script has in Store.
type ScriptKeeper interface {
	Load(ctx context.Context) ([]ScriptValue, error)
	// Save writes the given keys and leaves the others as they are. A nil Value removes its key.
	Save(ctx context.Context, values []ScriptValue) error
}

// ScriptValue is what a script keeps in Store under one key.
type ScriptValue struct {
	Key   string
	Value []byte // JSON text; nil for a key that is removed
}

// ScriptPhase tells how far a script came before it failed.
type ScriptPhase string

// A script fails while it is compiled, while it is evaluated (its top level runs and the class is
// instantiated) or while one of its methods runs.
const (
	PhaseCompile  ScriptPhase = "compile"
	PhaseEvaluate ScriptPhase = "evaluate"
	PhaseRun      ScriptPhase = "run"
)

// ScriptError is a failure of the author's script, placed in the author's own text.
type ScriptError struct {
	Phase        ScriptPhase
	Name         string // the thrown error's name, such as TypeError
	Message      string
	Stack        string
	Line, Column int // from 1; zero where the place is unknown
	Console      []string
	Remedy       string // what to do about it, where that is known
}

// ScriptTooLargeError is the refusal of a source that is larger than the limit, in bytes.
type ScriptTooLargeError struct{ Size, Limit int64 }

func (e *ScriptTooLargeError) Error() string {
	return fmt.Sprintf("the script has %d bytes, at most %d are allowed", e.Size, e.Limit)
}

// Error words the failure as "TypeError: x is not a function (3:14)".
func (e *ScriptError) Error() string {
	if e.Name != "" {
		return e.Name + ": " + e.Placed()
	}
	return e.Placed()
}

// Placed is the message with the line and column, where they are known.
func (e *ScriptError) Placed() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s (%d:%d)", e.Message, e.Line, e.Column)
	}
	return e.Message
}

// kind is the error's name for the log: an author may have put anything into another one.
func (e *ScriptError) kind() string {
	switch e.Name {
	case "", "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError", "URIError", "AggregateError":
		return e.Name
	}
	return "other"
}

// Explained is the stack, with the remedy below it where one is known.
func (e *ScriptError) Explained() string {
	if e.Remedy == "" {
		return e.Stack
	}
	return e.Stack + "\n\n" + e.Remedy
}

// ScriptThrottledError says that a script is not run for a while, as it was stopped several times in
// a row. Nothing of the call was done.
type ScriptThrottledError struct {
	Until time.Time // when it is tried again
	Cause string    // what stopped it last
}

// Error names the cause and the time.
func (e *ScriptThrottledError) Error() string {
	return fmt.Sprintf("script is not run until %s, as it was stopped several times in a row: %s",
		e.Until.UTC().Format(time.RFC3339), e.Cause)
}
