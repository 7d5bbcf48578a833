package api_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	secretPath = "/api/v1/integrations.secret?integrationId="
	rotatePath = "/api/v1/integrations.rotateSecret"
)

func TestSecretIsShownAndRotated(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	before := s.stored(id)
	first := s.get(s.admin, secretPath+id).is(200)
	secret := first.text("secrets", "secret")
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < 40 || first.at("secrets", "previous") != nil {
		t.Errorf("secrets of an integration that is new: %s", first.body)
	}
	if again := s.get(s.admin, secretPath+id).is(200).text("secrets", "secret"); again != secret {
		t.Errorf("asked again it is %s, want %s", again, secret)
	}
	other := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	if of := s.get(s.admin, secretPath+other).is(200).text("secrets", "secret"); of == secret {
		t.Error("two integrations have the same secret")
	}
	rotated := s.send(http.MethodPost, s.admin, rotatePath, doc{"integrationId": id}).is(200)
	if rotated.text("secrets", "secret") == secret || rotated.text("secrets", "previous", "secret") != secret {
		t.Errorf("after a rotation: %s, want another secret and %s before it", rotated.body, secret)
	}
	ended := s.send(http.MethodPost, s.admin, rotatePath, doc{"integrationId": id, "keepFor": 0}).is(200)
	if ended.at("secrets", "previous") != nil || ended.text("secrets", "secret") == rotated.text("secrets", "secret") {
		t.Errorf("after a rotation that keeps nothing: %s", ended.body)
	}
	if after := s.stored(id); after["_updatedAt"] != before["_updatedAt"] {
		t.Error("a rotation changes the time of the record's last change")
	}
}

func TestSecretIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.made(s.admin, newOutgoing(nil))["_id"].(string)
	incoming := s.made(s.admin, newIncoming(nil))["_id"].(string)
	user := s.user("stranger", "user")
	for _, path := range []string{secretPath + id, secretPath + incoming, secretPath + "unknown", "/api/v1/integrations.secret"} {
		as := s.admin
		if path == secretPath+id {
			as = user
		}
		s.get(as, path).is(400)
	}
	s.send(http.MethodPost, user, rotatePath, doc{"integrationId": id}).is(400)
	for _, keep := range []any{-1, 2592001, 1e300} {
		if refused := s.send(http.MethodPost, s.admin, rotatePath, doc{"integrationId": id, "keepFor": keep}).is(400); !strings.Contains(refused.body, "keepFor") {
			t.Errorf("refusal of keepFor %v: %s", keep, refused.body)
		}
	}
	s.send(http.MethodPost, s.admin, rotatePath, doc{"integrationId": id, "keepFor": "day"}).is(400)
	if got := s.get(s.admin, secretPath+id).is(200); got.at("secrets", "previous") != nil {
		t.Errorf("a refusal rotated the secret: %s", got.body)
	}
}
