package integrations

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretPrefix is how Standard Webhooks marks the secrets that deliveries are signed with.
const secretPrefix = "whsec_"

// secret answers what an integration's deliveries are signed with in one generation. It is made from
// the server's key, so that no store holds it.
func (s *Service) secret(integrationID string, generation int) []byte {
	mac := hmac.New(sha256.New, s.SigningKey)
	mac.Write([]byte(integrationID + "." + strconv.Itoa(generation)))
	return mac.Sum(nil)
}

// Sign answers the signature of a body as Standard Webhooks has it: one for each secret that is valid
// at that time. It is empty on a server without a key.
func (s *Service) Sign(d Delivery, at time.Time, body []byte) string {
	if len(s.SigningKey) == 0 {
		return ""
	}
	signing := s.Index.Options(d.IntegrationID).Signing
	var signatures []string
	for _, generation := range signing.valid(at) {
		mac := hmac.New(sha256.New, s.secret(d.IntegrationID, generation))
		mac.Write([]byte(d.ID + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}

// valid answers the generations whose secrets count at that time, the newest first.
func (s Signing) valid(at time.Time) []int {
	if s.Generation > 0 && at.Before(s.OldUntil) {
		return []int{s.Generation, s.Generation - 1}
	}
	return []int{s.Generation}
}
