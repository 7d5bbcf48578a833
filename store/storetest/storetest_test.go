package storetest_test

import (
	"reflect"
	"testing"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

// TestBuildersSetEveryField keeps the round trips whole: a field that is new in a record must be
// new in its builder, too.
func TestBuildersSetEveryField(t *testing.T) {
	for _, record := range []any{
		storetest.User(1), storetest.PersonalToken(1, "user1"), storetest.Room(1), storetest.Subscription("room1", "user1"),
		storetest.Showing(1, storetest.File(1, "room1")), storetest.Ordered(1, 1, "a")[0], storetest.Outage(1, "integration1"), storetest.Incoming(1), storetest.Outgoing(1), storetest.LastError(1, "integration1"),
		storetest.Permission(1), storetest.Role(1), storetest.Seed(),
	} {
		v := reflect.ValueOf(record)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s: %s is not set", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}
