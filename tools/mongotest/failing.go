package main

import (
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// failing is the fail point failCommand, as the server has it for tests of drivers: it lets certain
// commands fail. Its member "after" is of our own: the connection closes once the command has been
// carried out, so that nobody hears of it.
type failing struct {
	mu       sync.Mutex
	times    int // -1: until it is turned off
	commands map[string]bool
	close    bool
	after    bool
	code     int32
	labels   any
	delay    time.Duration
}

func (s *server) configureFailPoint(r *request) (bson.D, error) {
	if r.body[0].Value != "failCommand" {
		return nil, notSupported("the fail point %v", r.body[0].Value)
	}
	f := &s.failing
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times, f.commands, f.close, f.after, f.code, f.labels, f.delay = 0, map[string]bool{}, false, false, 0, nil, 0
	switch mode := r.field("mode").(type) {
	case string:
		if mode == "alwaysOn" {
			f.times = -1
		}
	case bson.D:
		f.times = int(integer(value(mode, "times")))
	}
	for _, e := range r.document("data") {
		switch e.Key {
		case "failCommands":
			names, _ := e.Value.(bson.A)
			for _, name := range names {
				name, _ := name.(string)
				f.commands[name] = true
			}
		case "closeConnection":
			f.close = truth(e.Value)
		case "after":
			f.after = truth(e.Value)
		case "errorCode":
			f.code = int32(integer(e.Value))
		case "errorLabels":
			f.labels = e.Value
		case "blockTimeMS":
			f.delay = time.Duration(integer(e.Value)) * time.Millisecond
		case "blockConnection":
		default:
			return nil, notSupported("failCommand with %s", e.Key)
		}
	}
	return bson.D{}, nil
}

// of answers what befalls a command: its connection closes before it or after it, or it is answered
// with an error.
func (f *failing) of(r *request) (before, after bool, answer bson.D) {
	f.mu.Lock()
	hit := f.times != 0 && f.commands[r.name]
	if hit && f.times > 0 {
		f.times--
	}
	delay, code, labels, closes, late := f.delay, f.code, f.labels, f.close, f.after
	f.mu.Unlock()
	if !hit {
		return false, false, nil
	}
	if delay > 0 {
		if left := time.Until(r.deadline); !r.deadline.IsZero() && left < delay {
			<-time.After(left)
			return false, false, timeExpired().answer()
		}
		<-time.After(delay)
	}
	if closes {
		return !late, late, nil
	}
	if code != 0 {
		answer = (&fault{code: code, name: "FailPoint", text: "Failing command via 'failCommand' failpoint"}).answer()
		if labels != nil {
			answer = append(answer, bson.E{Key: "errorLabels", Value: labels})
		}
		return false, false, answer
	}
	return false, false, nil
}
