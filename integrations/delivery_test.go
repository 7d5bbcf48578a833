package integrations_test

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestStoredDeliveryIsRead pins how deliveries are stored: a store that was written by an earlier
// version must stay readable. A new member may be added here; one that goes or changes its name
// needs a migration.
func TestStoredDeliveryIsRead(t *testing.T) {
	row := integrations.Row{
		ID: "d1", Key: "i1", Fence: 3,
		Body: []byte(`{"URL":"http://a/","Event":"sendMessage","Data":{"text":"hi"},"TriggerWord":"w","UserID":"u1","RoomID":"r1",` +
			`"MessageID":"m1","Causes":["i0"],"ReplayOf":"d0","Trace":"00-1-2-01"}`),
		Progress: []byte(`{"Step":"going-to-retry-1","Attempts":1,"RanPrepareScript":true,"Finished":true,"Call":{"text":"hi"},` +
			`"Status":404,"HTTPError":"e","HTTPResult":"r","PrepareSent":[{"Channel":"#a","RoomID":"r1","MessageID":"m2","Text":"t"}],"ProcessSent":[{"Channel":"#b","RoomID":"r2","MessageID":"m3","Text":"t"}],` +
			`"Result":[{"Channel":"#c","RoomID":"r3","MessageID":"m4","Text":"t"}],"Error":"x","ErrorStack":"s"}`),
	}
	d, err := row.Delivery()
	if err != nil {
		t.Fatal(err)
	}
	for name, half := range map[string]any{"plan": d.Plan, "progress": d.Progress} {
		v := reflect.ValueOf(half)
		for n := range v.NumField() {
			if v.Field(n).IsZero() {
				t.Errorf("%s: %s was not read", name, v.Type().Field(n).Name)
			}
		}
	}
	for stored, half := range map[string]any{string(row.Body): d.Plan, string(row.Progress): d.Progress} {
		written, err := json.Marshal(half)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored, string(written)); diff != "" {
			t.Errorf("written otherwise than before (-before +now):\n%s", diff)
		}
	}
}

func TestNothingWasSent(t *testing.T) {
	written, err := json.Marshal(integrations.Progress{Step: integrations.StepNoURL})
	if err != nil {
		t.Fatal(err)
	}
	d, err := integrations.Row{ID: "d1", Body: []byte(`{"URL":"http://a/"}`), Progress: written}.Delivery()
	if err != nil || d.Progress.Call != nil {
		t.Errorf("the body of a call that was not made is %s (%v), want none", d.Progress.Call, err)
	}
}

func TestRowWithoutProgressIsPlanned(t *testing.T) {
	d, err := integrations.Row{ID: "d1", Body: []byte(`{"URL":"http://a/"}`)}.Delivery()
	if err != nil || d.Progress.Step != integrations.StepPlanned || d.Progress.Attempts != 0 {
		t.Errorf("Delivery = %+v, %v", d, err)
	}
	for _, row := range []integrations.Row{{Body: []byte(`[]`)}, {Body: []byte(`{}`), Progress: []byte(`{`)}} {
		if _, err := row.Delivery(); err == nil {
			t.Errorf("Delivery of %s, %s = nil error", row.Body, row.Progress)
		}
	}
}
