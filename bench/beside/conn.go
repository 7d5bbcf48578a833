package beside

import (
	"context"
	"time"
)

// Conn is one keep-alive connection for requests that differ.
type Conn struct{ c *connection }

// Open connects to a loopback address.
func Open(ctx context.Context, addr string) (*Conn, error) {
	c, err := connect(ctx, Target{Addr: addr})
	if err != nil {
		return nil, err
	}
	return &Conn{c}, c.conn.SetDeadline(time.Now().Add(10 * stall))
}

// Exchange sends a request, which it does not keep, and waits for its answer. Any status but 200 is
// an error.
func (c *Conn) Exchange(request []byte) error {
	c.c.request = request
	return c.c.exchange()
}

// Close hangs up.
func (c *Conn) Close() { c.c.close() }

// Bytes is the request that goes to the target.
func (t Target) Bytes() []byte { return t.request }
