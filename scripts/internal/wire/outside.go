package wire

// Question is a call to the outside that a script asks for: the head of a KindAsk, as JSON.
type Question struct {
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Timeout  int64             `json:"timeout,omitempty"`  // in milliseconds; zero: the server's own
	Redirect string            `json:"redirect,omitempty"` // follow, manual or error
}

// Answer is what a KindAnswer carries.
type Answer struct {
	ID   uint32 // of the question
	Head []byte // an AnswerHead as JSON
	Body []byte
}

// AnswerHead is what became of a question: Error, or all the rest.
type AnswerHead struct {
	Status     int               `json:"status,omitzero"`
	StatusText string            `json:"statusText,omitzero"`
	Headers    map[string]string `json:"headers,omitzero"` // names in lower case
	URL        string            `json:"url,omitzero"`     // where the last redirect led
	Error      *CallError        `json:"error,omitzero"`
}

// CallError says why there was no answer. Name and Code are those that Node has for it, if it has any.
type CallError struct {
	Name    string `json:"name"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is what a script finds as the message.
func (e *CallError) Error() string { return e.Message }

// NobodyCalls is what a script hears that asks where there is no server.
const NobodyCalls = "there is no server here that could make the call"
