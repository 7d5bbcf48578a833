package main

import "github.com/grapnel-chat/grapnel/bench/beside"

// findings are the facts against the promises.
type findings struct {
	facts
	ends       []ending // what each life left behind
	deliveries int      // that the stored messages led to
	again      int      // calls for what had been answered with 200 before
	broken     []beside.Promise
}

// ending is what a life left behind.
type ending struct {
	life
	calls     int // that reached a receiver
	underWay  int // of these, not recorded when the server ended
	madeAgain int // of these, made again although they were answered with 200
}

// judge compares the facts with what was promised.
func judge(f facts) findings {
	out := findings{facts: f, deliveries: len(f.wanted())}
	out.judgeMessages()
	out.judgeDeliveries()
	out.judgeRepeats()
	out.judgeOrder()
	return out
}

func (f *findings) judgeMessages() {
	var lost, doubled []string
	for name := range f.acked {
		if f.stored[f.sent[name].room][name] == 0 {
			lost = append(lost, name)
		}
	}
	for _, events := range f.stored {
		for name, n := range events {
			if n > 1 {
				doubled = append(doubled, name)
			}
		}
	}
	f.promise("every event that was answered with 200 has its message", lost)
	f.promise("no event has two", doubled)
}

func (f *findings) judgeDeliveries() {
	got := map[delivered]bool{}
	var unfounded []string
	for _, a := range f.calls {
		if f.stored[f.sent[a.event].room][a.event] == 0 {
			unfounded = append(unfounded, a.name())
		}
		if a.status == 200 {
			got[delivered{a.receiver, a.event}] = true
		}
	}
	var lost []string
	for _, d := range f.wanted() {
		if !got[d] {
			lost = append(lost, d.receiver+" "+d.event)
		}
	}
	f.promise("every message reached every receiver", lost)
	f.promise("no receiver got what is not stored", unfounded)
}

// judgeRepeats looks at calls for what had been answered with 200 before. Only a kill excuses them.
func (f *findings) judgeRepeats() {
	at := map[int]*ending{}
	f.ends = make([]ending, len(f.lives))
	for i, l := range f.lives {
		f.ends[i].life = l
		at[l.number] = &f.ends[i]
	}
	underWay := f.underWay(at)
	before := map[delivered]arrival{}
	var nameless, renamed, unexplained []string
	for _, a := range f.calls {
		if a.webhookID == "" {
			nameless = append(nameless, a.name())
		}
		d := delivered{a.receiver, a.event}
		earlier, repeated := before[d]
		if repeated && earlier.webhookID != a.webhookID {
			renamed = append(renamed, a.name())
		}
		if repeated && earlier.status == 200 {
			f.again++
			if e := at[earlier.life]; e != nil && e.killed && a.life > earlier.life && underWay[attempt{earlier.life, earlier.webhookID}] > 0 {
				e.madeAgain++
			} else {
				unexplained = append(unexplained, a.name())
			}
		}
		before[d] = a
	}
	f.promise("every call carries a webhook-id", nameless)
	f.promise("a delivery made again carries the same webhook-id", renamed)
	f.promise("only what was under way at a kill is made again", unexplained)
}

// judgeOrder looks at the receiver that wants its calls in order. Which of two events came first is
// only known of those of one sender.
func (f *findings) judgeOrder() {
	latest := map[int]int{} // event, by sender
	seen := map[string]bool{}
	var early []string
	for _, a := range f.calls {
		if a.receiver != ordered || a.status != 200 || seen[a.event] {
			continue
		}
		seen[a.event] = true
		e := f.sent[a.event]
		if e.number < latest[e.sender] {
			early = append(early, a.name())
		}
		latest[e.sender] = max(latest[e.sender], e.number)
	}
	f.promise("where order is asked for, it is kept, also through kills and failed calls", early)
}

// attempt is a delivery in one life.
type attempt struct {
	life       int
	deliveryID string
}

// underWay counts the calls of each life that its server had not recorded when it ended.
func (f *findings) underWay(at map[int]*ending) map[attempt]int {
	open := map[attempt]int{}
	for _, a := range f.calls {
		if e := at[a.life]; e != nil {
			e.calls++
			open[attempt{a.life, a.webhookID}]++
		}
	}
	for key, n := range open {
		open[key] = max(0, n-at[key.life].recorded[key.deliveryID])
		at[key.life].underWay += open[key]
	}
	return open
}

func (f *findings) promise(text string, against []string) {
	f.broken = append(f.broken, beside.Promise{Text: text, Against: against})
}
