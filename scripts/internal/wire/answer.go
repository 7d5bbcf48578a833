package wire

// Answer is what became of a question.
type Answer struct {
	ID uint32
	// Head is JSON: {"status":200,"statusText":"OK","headers":{lower-case name:value},"url":final
	// URL} or {"error":{"name":"TypeError","code":"ECONNREFUSED"|"ETIMEDOUT"|"REFUSED"|…,"message":…}}.
	Head []byte
	Body []byte
}

// NobodyCalls is what a script hears that asks where there is no server.
const NobodyCalls = "there is no server here that could make the call"
