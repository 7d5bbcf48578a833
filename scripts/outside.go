package scripts

import "time"

// outside is what a realm may ask for while its script runs. Questions go to the server; answers
// come in any order.
type outside interface {
	// start sends a question: head is a JSON document, body the bytes to send, nil for none.
	start(head, body []byte) (id uint32, err error)
	// next waits for one answer, at most until the given time; ok is false when none came by then.
	next(until time.Time) (a outsideAnswer, ok bool, err error)
}

// outsideAnswer is what came of a question.
type outsideAnswer struct {
	id   uint32
	head []byte
	body []byte
}
