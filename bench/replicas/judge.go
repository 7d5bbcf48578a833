package main

import (
	"net/http"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// facts are what is left in the end: what senders were told, what the servers have, what arrived.
type facts struct {
	acked      map[string]bool // events that were answered with 200
	odd        []string        // answers that were no 200
	unanswered int
	stored     map[string]int // messages in the room, by their event
	calls      []arrival      // in the order in which they came
	recorded   map[string]int // attempts that logs say were recorded, by delivery
	receivers  []string
	kills      int
}

// findings are the facts against the promises.
type findings struct {
	facts
	underWay int // calls that no server recorded
	again    int // calls for what had been answered with 200 before
	broken   []beside.Promise
}

// judge compares the facts with what was promised.
func judge(f facts) findings {
	out := findings{facts: f}
	out.judgeMessages()
	out.judgeDeliveries()
	out.judgeRepeats()
	return out
}

func (f *findings) judgeMessages() {
	var lost, doubled []string
	for event := range f.acked {
		if f.stored[event] == 0 {
			lost = append(lost, event)
		}
	}
	for event, n := range f.stored {
		if n > 1 {
			doubled = append(doubled, event)
		}
	}
	f.promise("every event that was answered with 200 has its message", lost)
	f.promise("no event has two", doubled)
}

func (f *findings) judgeDeliveries() {
	got := map[delivered]bool{}
	var unfounded, lost []string
	for _, a := range f.calls {
		if f.stored[a.event] == 0 {
			unfounded = append(unfounded, a.String())
		}
		if a.status == http.StatusOK {
			got[a.delivered] = true
		}
	}
	for event := range f.stored {
		for _, receiver := range f.receivers {
			if d := (delivered{receiver, event}); !got[d] {
				lost = append(lost, d.String())
			}
		}
	}
	f.promise("every message reached every receiver", lost)
	f.promise("no receiver got what is not stored", unfounded)
}

// judgeRepeats looks at calls for what had been answered with 200 before. Each needs a call of the same
// delivery that no server recorded, because the one that made it was killed.
func (f *findings) judgeRepeats() {
	made, repeated := map[string]int{}, map[string]int{}
	before := map[delivered]arrival{}
	var nameless, renamed, early, unexplained []string
	for _, a := range f.calls {
		made[a.webhookID]++
		if a.webhookID == "" {
			nameless = append(nameless, a.String())
		}
		earlier, known := before[a.delivered]
		if known && earlier.webhookID != a.webhookID {
			renamed = append(renamed, a.String())
		}
		if known && earlier.status == http.StatusOK {
			f.again++
			repeated[a.webhookID]++
			if a.quiet {
				early = append(early, a.String())
			}
		}
		if !known || earlier.status != http.StatusOK {
			before[a.delivered] = a
		}
	}
	for id, n := range made {
		f.underWay += max(0, n-f.recorded[id])
	}
	for id, n := range repeated {
		if n > made[id]-f.recorded[id] {
			unexplained = append(unexplained, id)
		}
	}
	f.promise("every call carries a webhook-id", nameless)
	f.promise("a delivery made again carries the same webhook-id", renamed)
	f.promise("nothing is made twice before the first kill", early)
	f.promise("only what was under way at a kill is made again", unexplained)
}

func (f *findings) promise(text string, against []string) {
	f.broken = append(f.broken, beside.Promise{Text: text, Against: against})
}
