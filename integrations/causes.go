package integrations

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The headers of Standard Webhooks, by which a delivery is known.
const (
	deliveryHeader  = "webhook-id"
	sentHeader      = "webhook-timestamp"
	signatureHeader = "webhook-signature"
)

// CausesOf answers the integrations that led to a request: those behind the delivery that it is a call
// of, where a delivery goes to its own workspace. Nobody else can sign as that delivery was, so nobody
// can make integrations pass over what he sends.
func (s *Service) CausesOf(ctx context.Context, header func(name string) string, body []byte) ([]string, error) {
	id, signature := header(deliveryHeader), header(signatureHeader)
	seconds, err := strconv.ParseInt(header(sentHeader), 10, 64)
	if err != nil || signature == "" || !workspace.IsID(id) {
		return nil, nil //nolint:nilerr // it is no call of a delivery
	}
	row, err := s.Queue.Row(ctx, id)
	if errors.Is(err, workspace.ErrNotFound) {
		return nil, nil // another server's
	}
	if err != nil {
		return nil, fmt.Errorf("read delivery behind a request: %w", err)
	}
	d, err := row.Delivery()
	if err != nil || !shareSignature(signature, s.Sign(d, time.Unix(seconds, 0), body)) {
		return nil, nil //nolint:nilerr // it goes on as a stranger's
	}
	return append(slices.Clone(d.Plan.Causes), d.IntegrationID), nil
}

// shareSignature reports whether two lists have a signature in common.
func shareSignature(sent, made string) bool {
	for one := range strings.FieldsSeq(sent) {
		for other := range strings.FieldsSeq(made) {
			if subtle.ConstantTimeCompare([]byte(one), []byte(other)) == 1 {
				return true
			}
		}
	}
	return false
}
