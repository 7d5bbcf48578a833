package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const deliveriesPath = "/api/v1/deliveries"

// deliveries answers the deliveries that a list holds.
func (s *server) deliveries(as account, query string) []doc {
	s.t.Helper()
	return s.get(as, deliveriesPath+query).is(200).docs("deliveries")
}

func (s *server) delivery(id string) doc {
	s.t.Helper()
	return s.get(s.admin, deliveriesPath+"/"+id).is(200).at("delivery").(doc)
}

func TestDeliveriesAreListed(t *testing.T) {
	t.Parallel()
	s := start(t)
	good, bad := newReceiver(t), newReceiver(t, told(400, `no`))
	a, b := s.listener(good.url+"/a?api_key=s3cr3t", nil), s.listener(bad.url, nil)
	for range 2 {
		s.say(s.admin, "#general", "hello")
	}
	s.attempted(a, 2)
	s.attempted(b, 2)
	all := s.deliveries(s.admin, "")
	if len(all) != 4 {
		t.Fatalf("%d deliveries, want 4: %v", len(all), all)
	}
	first := s.get(s.admin, deliveriesPath+"?count=3").is(200)
	rest := s.get(s.admin, deliveriesPath+"?count=3&before="+first.text("next")).is(200)
	if len(first.at("deliveries").([]any)) != 3 || len(rest.at("deliveries").([]any)) != 1 || rest.at("next") != nil || rest.text("deliveries", 0, "_id") != all[3]["_id"] {
		t.Errorf("pages of 3:\n%s\n%s", first.body, rest.body)
	}
	for query, want := range map[string]int{
		"?integrationId=" + a: 2, "?state=done": 2, "?state=dead": 2, "?state=pending": 0, "?state=dead&integrationId=" + a: 0,
		"?since=2001-01-01": 4, "?until=2001-01-01": 0, "?count=0": 4, "?before=nothing": 0,
	} {
		if got := len(s.deliveries(s.admin, query)); got != want {
			t.Errorf("%s: %d deliveries, want %d", query, got, want)
		}
	}
	dead := s.deliveries(s.admin, "?state=dead")[0]
	if d := differ(dead, doc{"integrationId": b, "state": "dead", "step": "failed-and-not-configured-to-retry", "event": "sendMessage", "url": bad.url, "attempts": 1.0, "roomId": "GENERAL", "userId": s.admin.id}); d != "" {
		t.Errorf("delivery (-want +got):\n%s", d)
	}

	t.Run("refusals", func(t *testing.T) {
		s := s.in(t)
		s.get(s.admin, deliveriesPath+"?state=lost").fails(400, "`state` has to be one of waiting, parked, held, done, dead, pending [invalid-params]", "invalid-params")
		s.get(s.admin, deliveriesPath+"?until=soon").is(400)
		s.get(s.admin, deliveriesPath+"?count=all").fails(400, "`count` has to be a whole number of rows, such as 50 [invalid-params]", "invalid-params")
		s.get(s.admin, deliveriesPath+"?integrationId="+s.newHook(nil).id).fails(400, "Invalid integration type.", "")
		s.get(s.admin, deliveriesPath+"/nothing").is(404)
		s.post(s.admin, deliveriesPath+"/nothing/replay", doc{}).is(404)
		s.post(s.admin, deliveriesPath+"/nothing/cancel", doc{}).is(404)
		s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": a}).is(400)
		s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": a, "since": "soon"}).is(400)
		s.get(account{}, deliveriesPath).is(401)
		s.get(s.user("eve", "user"), deliveriesPath).is(403)
	})
	t.Run("of one's own integrations alone", func(t *testing.T) {
		s := s.in(t)
		s.grant("manage-own-outgoing-integrations", "admin", "guest")
		eve := s.user("eva", "guest")
		if list := s.deliveries(eve, ""); len(list) != 0 {
			t.Errorf("somebody else's deliveries are listed: %v", list)
		}
		id := all[0]["_id"].(string)
		s.get(eve, deliveriesPath+"/"+id).is(404)
		s.post(eve, deliveriesPath+"/"+id+"/replay", doc{}).is(404)
		s.post(eve, deliveriesPath+"/"+id+"/cancel", doc{}).is(404)
		s.get(eve, deliveriesPath+"?integrationId="+a).fails(400, "not-authorized", "")
		s.post(eve, deliveriesPath+"/replay", doc{"integrationId": a, "since": "2001-01-01"}).fails(400, "not-authorized", "")
	})
}

func TestDeliveryWithItsAttempts(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t, told(500, ``), told(200, `{"text":"thanks"}`))
	id := s.listener(r.url+"/a?api_key=s3cr3t-query&b=1", doc{
		"retryFailedCalls": true, "retryCount": 3, "retryDelay": "powers-of-ten", "token": "s3cr3t-token", "scriptEnabled": true,
		"script": `class Script { prepare_outgoing_request({request}) { request.headers['X-Api-Key'] = 's3cr3t-header'; request.headers['X-Plain'] = 'plain'; console.log('asking with s3cr3t-header'); return request }
			process_outgoing_response({response}) { console.log('got', response.status_code) } }`,
	})
	s.say(s.admin, "#general", "hello")
	s.attempted(id, 2)
	listed := s.deliveries(s.admin, "")[0]
	got := s.delivery(listed["_id"].(string))
	if got["state"] != "done" || got["data"].(doc)["text"] != "hello" || got["attempts"] != 2.0 {
		t.Errorf("delivery: %v", got)
	}
	tries := got["tries"].([]any)
	if len(tries) != 2 {
		t.Fatalf("%d attempts, want 2: %v", len(tries), tries)
	}
	failed, done := tries[0].(doc), tries[1].(doc)
	if d := differ(failed, doc{"attempt": 1.0, "outcome": "retry", "status": 500.0, "step": "going-to-retry-1", "metadataOnly": false}); d != "" || failed["next"] == nil {
		t.Errorf("the first attempt (-want +got):\n%s, next: %v", d, failed["next"])
	}
	if d := differ(done, doc{"attempt": 2.0, "outcome": "done", "status": 200.0, "step": "url-response-sent-message", "next": nil}); d != "" {
		t.Errorf("the second attempt (-want +got):\n%s", d)
	}
	sent := done["request"].(doc)
	if sent["method"] != "POST" || !strings.HasSuffix(sent["url"].(string), "/a?api_key=[redacted]&b=1") || !strings.Contains(sent["body"].(doc)["text"].(string), `"text":"hello"`) {
		t.Errorf("what was sent: %v", sent)
	}
	values := map[string]any{}
	for _, line := range sent["headers"].([]any) {
		values[line.(doc)["name"].(string)] = line.(doc)["value"]
	}
	if key, there := values["x-api-key"]; !there || key != nil || values["x-plain"] != "plain" {
		t.Errorf("headers that were sent: %v", values)
	}
	if signature, there := values["webhook-signature"]; values["webhook-id"] != got["_id"] || values["webhook-timestamp"] == nil || !there || signature != nil {
		t.Errorf("headers that every call has: %v", values)
	}
	if answer := done["response"].(doc)["body"].(doc)["text"]; answer != `{"text":"thanks"}` {
		t.Errorf("what was answered: %v", answer)
	}
	if lines := fmt.Sprint(done["console"]); lines != "[asking with [redacted] got 200]" {
		t.Errorf("what its script printed: %v", lines)
	}
	if failed["error"] != "the receiver answered 500 Internal Server Error" || got["status"] != 200.0 || got["error"] != nil {
		t.Errorf("why the first failed: %v, and what is said of both: %v, %v", failed["error"], got["status"], got["error"])
	}
	if message := done["messages"].([]any)[0].(doc)["message"].(doc); message["msg"] != "thanks" {
		t.Errorf("the message that it led to: %v", message)
	}

	s.setOptions(s.admin, id, doc{"log": doc{"metadataOnly": true}}).is(200)
	s.say(s.admin, "#general", "again")
	s.attempted(id, 3)
	bare := s.delivery(s.deliveries(s.admin, "")[0]["_id"].(string))["tries"].([]any)[0].(doc)
	if bare["metadataOnly"] != true || bare["response"] != nil || bare["status"] != 200.0 || bare["request"].(doc)["headers"] != nil || bare["request"].(doc)["body"] != nil {
		t.Errorf("metadata alone: %v", bare)
	}
}

func TestDeliveriesAreReplayed(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t, told(400, `no`))
	id := s.listener(r.url, nil)
	for _, text := range []string{"one", "two", "three"} {
		s.say(s.admin, "#general", text)
	}
	s.attempted(id, 3)
	old := s.deliveries(s.admin, "?state=dead")
	for range 3 {
		r.next()
	}
	made := s.post(s.admin, deliveriesPath+"/"+old[2]["_id"].(string)+"/replay", doc{}).is(200)
	if made.text("delivery", "replayOf") != old[2]["_id"] || made.text("delivery", "_id") == old[2]["_id"] {
		t.Errorf("a replay: %s", made.body)
	}
	if call := r.next(); !strings.Contains(call.body, `"text":"one"`) {
		t.Errorf("the replay sent %s", call.body)
	}
	s.attempted(id, 4)
	if tries := s.delivery(made.text("delivery", "_id"))["tries"].([]any); len(tries) != 1 {
		t.Errorf("the replay's attempts: %v", tries)
	}

	since := old[2]["createdAt"].(string)
	s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": id, "since": since, "state": "done"}).is(200)
	all := s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": id, "since": since}).is(200)
	if all.at("count") != 4.0 || all.at("next") != nil {
		t.Errorf("all that were given up: %s", all.body)
	}
	s.attempted(id, 8)
	for range 4 {
		r.next()
	}
	r.quiet()
	if list := s.deliveries(s.admin, "?integrationId="+id); len(list) != 8 || list[0]["replayOf"] == nil || list[3]["replayOf"] != old[2]["_id"] {
		t.Errorf("afterwards: %v", list)
	}
	later := s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": id, "since": since, "until": since}).is(200)
	if later.at("count") != 0.0 {
		t.Errorf("of no time at all: %s", later.body)
	}

	s.setOptions(s.admin, id, doc{"limits": doc{"rate": 0.001, "burst": 2}}).is(200)
	s.post(s.admin, deliveriesPath+"/replay", doc{"integrationId": id, "since": since}).is(200)
	s.attempted(id, 10)
	if list := s.deliveries(s.admin, "?state=pending"); len(list) != 6 {
		t.Errorf("%d replays wait for their turn, want 6", len(list))
	}
}

func TestDeliveryIsCancelled(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t, told(503, `later`))
	id := s.listener(r.url, doc{"retryFailedCalls": true, "retryCount": 30, "retryDelay": "powers-of-two"})
	s.say(s.admin, "#general", "hello")
	s.attempted(id, 1)
	waiting := s.deliveries(s.admin, "?state=pending")[0]
	if waiting["due"] == nil {
		t.Errorf("a delivery that waits does not say for when: %v", waiting)
	}
	cancelled := s.post(s.admin, deliveriesPath+"/"+waiting["_id"].(string)+"/cancel", doc{}).is(200)
	if d := differ(cancelled.at("delivery").(doc), doc{"state": "dead", "step": "cancelled", "attempts": 1.0, "due": nil}); d != "" {
		t.Errorf("cancelled (-want +got):\n%s", d)
	}
	if got := s.get(s.admin, historyPath+"?id="+id).is(200).text("history", 0, "step"); got != "cancelled" {
		t.Errorf("history says %s", got)
	}
	s.post(s.admin, deliveriesPath+"/"+waiting["_id"].(string)+"/cancel", doc{}).fails(400, "The delivery has ended, so there is nothing to cancel [error-delivery-ended]", "error-delivery-ended")
	if list := s.deliveries(s.admin, "?state=pending"); len(list) != 0 {
		t.Errorf("still pending: %v", list)
	}
}

func TestTraceGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	r := newReceiver(t, told(200, `{"text":"thanks"}`))
	first := s.listener(r.url, doc{"name": "first", "triggerWords": []any{"go"}})
	s.listener(r.url+"/reply", doc{"name": "second", "triggerWords": []any{"thanks"}})
	h := s.newHook(nil)
	send := func(header map[string]string) {
		s.do(request{method: http.MethodPost, path: h.path(), body: `{"text":"go"}`, header: header}).is(200)
	}
	send(map[string]string{"Traceparent": trace})
	for _, path := range []string{"/", "/reply"} {
		call := r.next()
		if call.path != path || call.header.Get("Traceparent") != trace {
			t.Errorf("%s was called with the trace %q, want %s with %q", call.path, call.header.Get("Traceparent"), path, trace)
		}
	}
	if got := s.deliveries(s.admin, "?integrationId="+first)[0]["traceparent"]; got != trace {
		t.Errorf("the delivery's trace is %v", got)
	}
	send(map[string]string{"Traceparent": "00-nonsense"})
	if call := r.next(); call.header.Get("Traceparent") != "" {
		t.Errorf("a trace that is none goes on: %q", call.header.Get("Traceparent"))
	}
}
