package wire

// Question is a call to the outside that a script asks for: the head of a KindAsk, as JSON.
type Question struct {
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Timeout  int64             `json:"timeout,omitzero"`  // in milliseconds; zero: the server's own
	Redirect string            `json:"redirect,omitzero"` // follow, manual or error
}

// Answer is what a KindAnswer carries.
type Answer struct {
	ID   uint32 // of the question
	Head []byte // an AnswerHead as JSON
	Body []byte
}

// PutQuestion begins a frame that asks it. head is a Question as JSON, body what to send, nil for nothing.
func PutQuestion(w *Writer, id uint32, head, body []byte) {
	w.Begin(KindAsk)
	w.Number(uint64(id))
	w.Bytes(head)
	w.Bytes(body)
}

// ReadQuestion reads what PutQuestion has added.
func ReadQuestion(f *Frame) (id uint32, head, body []byte) {
	return uint32(f.Number()), f.Bytes(), f.Bytes() //nolint:gosec // the worker's own number
}

// Put adds it to a frame that was begun.
func (a *Answer) Put(w *Writer) {
	w.Number(uint64(a.ID))
	w.Bytes(a.Head)
	w.Bytes(a.Body)
}

// ReadAnswer reads what Put has added.
func ReadAnswer(f *Frame) Answer {
	return Answer{ID: uint32(f.Number()), Head: f.Bytes(), Body: f.Bytes()} //nolint:gosec // as it was put
}

// AnswerHead is what became of a question: Error, or all the rest.
type AnswerHead struct {
	Status     int               `json:"status,omitzero"`
	StatusText string            `json:"statusText,omitzero"`
	Headers    map[string]string `json:"headers,omitzero"` // names in lower case
	URL        string            `json:"url,omitzero"`     // where the last redirect led
	Error      *CallError        `json:"error,omitzero"`
}

// CallError says why there was no answer. Name and Code are those that Node has for it. Where it has none,
// the code is REFUSED (an address, a limit of the run), EBUSY (too much at once), ETOOLARGE (the answer),
// ERR_TLS_CERT, ERR_INVALID_RESPONSE, ABORTED or EFAILED. Both may be empty.
type CallError struct {
	Name    string `json:"name"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is what a script finds as the message.
func (e *CallError) Error() string { return e.Message }

// NobodyCalls is what a script hears that asks where there is no server.
const NobodyCalls = "there is no server here that could make the call"
