package api

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/schema"
)

// getOptions answers what an integration says beyond Rocket.Chat's record.
func (a *API) getOptions(c *gin.Context) {
	found, err := a.Integrations.Options(c.Request.Context(), actor(c), text(document(c), "integrationId"))
	a.reply(c, fields{"options": toOptionsJSON(found)}, wordFind(err))
}

func (a *API) setOptions(c *gin.Context) {
	changes, err := optionChanges(document(c))
	if err != nil {
		a.fail(c, err)
		return
	}
	set, err := a.Integrations.SetOptions(c.Request.Context(), actor(c), changes)
	a.reply(c, fields{"options": toOptionsJSON(set)}, wordFind(err))
}

// optionsJSON are an integration's options as clients know them. What is left to the server is null.
type optionsJSON struct {
	IntegrationID string     `json:"integrationId"`
	Policy        *string    `json:"policy"`
	Retry         *retryJSON `json:"retry"`
	Order         string     `json:"order"`
	TLS           tlsJSON    `json:"tls"`
	Limits        limitsJSON `json:"limits"`
	Log           logJSON    `json:"log"`
	UpdatedAt     *string    `json:"updatedAt"`
}

type retryJSON struct {
	Attempts int     `json:"attempts"`
	First    float64 `json:"first"` // seconds
	Longest  float64 `json:"longest"`
}

type tlsJSON struct {
	Insecure bool    `json:"insecure"`
	CA       *string `json:"ca"`
}

type limitsJSON struct {
	Rate        *float64 `json:"rate"`
	Burst       *int     `json:"burst"`
	Concurrency *int     `json:"concurrency"`
	Body        *int64   `json:"body"`
}

type logJSON struct {
	MetadataOnly bool     `json:"metadataOnly"`
	Age          *float64 `json:"age"` // days
	Entries      *int     `json:"entries"`
	Bytes        *int64   `json:"bytes"`
}

// The two orders of deliveries.
const (
	anyOrder   = "none"
	orderByURL = "url"
)

func toOptionsJSON(o integrations.Options) optionsJSON {
	j := optionsJSON{
		IntegrationID: o.IntegrationID, Policy: unlessZero(string(o.Policy)), Order: anyOrder,
		TLS: tlsJSON{Insecure: o.TLS.Insecure, CA: unlessZero(o.TLS.CA)},
		Limits: limitsJSON{
			Rate: unlessZero(o.Limits.Rate), Burst: unlessZero(o.Limits.Burst), Concurrency: unlessZero(o.Limits.Concurrency), Body: unlessZero(o.Limits.Body),
		},
		Log: logJSON{
			MetadataOnly: o.Log.MetadataOnly, Age: unlessZero(o.Log.Age.Hours() / 24), Entries: unlessZero(o.Log.Entries), Bytes: unlessZero(o.Log.Bytes),
		},
		UpdatedAt: unlessZero(isoTime(o.UpdatedAt)),
	}
	if o.Ordered {
		j.Order = orderByURL
	}
	if r := o.Retry; r != nil {
		j.Retry = &retryJSON{Attempts: r.Attempts, First: r.First.Seconds(), Longest: r.Longest.Seconds()}
	}
	return j
}

func unlessZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// optionChanges reads the document that sets options. Its types are checked here and not by the
// schema, so that a refusal names the member.
func optionChanges(in *schema.Object) (integrations.OptionChanges, error) {
	r := &optionReader{of: in}
	c := integrations.OptionChanges{IntegrationID: text(in, "integrationId")}
	c.Policy = changeOf(r, "policy", r.policy)
	c.Retry = changeOf(r, "retry", r.retry)
	c.Ordered = changeOf(r, "order", r.order)
	c.TLS = changeOf(r, "tls", r.tls)
	c.Limits = changeOf(r, "limits", r.limits)
	c.Log = changeOf(r, "log", r.log)
	r.noMore("integrationId", "policy", "retry", "order", "tls", "limits", "log", "updatedAt")
	return c, r.err
}

// optionReader reads the members of one object and keeps the first thing that was wrong.
type optionReader struct {
	of   *schema.Object
	name string // of the object, with a dot; empty: the document itself
	err  error
}

// changeOf reads a member of the document where it was sent and is not null.
func changeOf[T any](r *optionReader, name string, read func(name string) T) integrations.Optional[T] {
	value, sent := r.of.Get(name)
	change := integrations.Optional[T]{Sent: sent}
	if value != nil {
		read := read(name)
		change.Value = &read
	}
	return change
}

func (r *optionReader) policy(name string) integrations.Policy {
	policy := integrations.Policy(text(r.of, name))
	if policy == "" {
		r.refuse(name, `has to be "grapnel", "rocketchat" or null`)
	}
	return policy
}

func (r *optionReader) order(name string) (ordered bool) {
	order := text(r.of, name)
	if order != anyOrder && order != orderByURL {
		r.refuse(name, `has to be "none", "url" or null`)
	}
	return order == orderByURL
}

func (r *optionReader) retry(name string) integrations.Retry {
	s := r.section(name, "attempts", "first", "longest")
	retry := integrations.Retry{
		Attempts: int(s.number("attempts")),
		First:    time.Duration(s.number("first") * float64(time.Second)),
		Longest:  time.Duration(s.number("longest") * float64(time.Second)),
	}
	r.join(s)
	return retry
}

func (r *optionReader) tls(name string) integrations.TLS {
	s := r.section(name, "insecure", "ca")
	tls := integrations.TLS{Insecure: s.yes("insecure"), CA: s.text("ca")}
	r.join(s)
	return tls
}

func (r *optionReader) limits(name string) integrations.Limits {
	s := r.section(name, "rate", "burst", "concurrency", "body")
	limits := integrations.Limits{
		Rate: s.number("rate"), Burst: int(s.number("burst")), Concurrency: int(s.number("concurrency")), Body: int64(s.number("body")),
	}
	r.join(s)
	return limits
}

func (r *optionReader) log(name string) integrations.LogRules {
	const day = float64(24 * time.Hour)
	s := r.section(name, "metadataOnly", "age", "entries", "bytes")
	log := integrations.LogRules{
		MetadataOnly: s.yes("metadataOnly"), Age: time.Duration(s.number("age") * day), Entries: int(s.number("entries")), Bytes: int64(s.number("bytes")),
	}
	r.join(s)
	return log
}

// section reads a member that is an object with those members and no others.
func (r *optionReader) section(name string, members ...string) *optionReader {
	s := &optionReader{of: member[*schema.Object](r.of, name), name: r.name + name + "."}
	if s.of == nil {
		s.of = schema.NewObject()
		r.refuse(name, "has to be an object or null")
	}
	s.noMore(members...)
	return s
}

func (r *optionReader) join(section *optionReader) {
	if r.err == nil {
		r.err = section.err
	}
}

// number reads a number that the option can be; left out or null it is zero.
func (r *optionReader) number(name string) float64 {
	value, _ := r.of.Get(name)
	if value == nil {
		return 0
	}
	number, ok := value.(float64)
	if !ok {
		number = math.NaN() // which no option can be
	}
	if err := integrations.CheckOption(r.name+name, number); err != nil {
		if r.err == nil {
			r.err = err
		}
		return 0
	}
	return number
}

func (r *optionReader) yes(name string) bool {
	value, _ := r.of.Get(name)
	yes, ok := value.(bool)
	if value != nil && !ok {
		r.refuse(name, "has to be true or false")
	}
	return yes
}

func (r *optionReader) text(name string) string {
	value, _ := r.of.Get(name)
	text, ok := value.(string)
	if value != nil && !ok {
		r.refuse(name, "has to be a text or null")
	}
	return text
}

// noMore refuses members that are no options, which would otherwise look as if they were set.
func (r *optionReader) noMore(known ...string) {
	for name := range r.of.All() {
		if !slices.Contains(known, name) {
			r.refuse(name, "is no option; there are "+strings.Join(known, ", "))
		}
	}
}

func (r *optionReader) refuse(name, want string) {
	if r.err == nil {
		r.err = &integrations.OptionError{Member: r.name + name, Want: want}
	}
}
