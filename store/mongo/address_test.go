package mongo

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

func TestOptions(t *testing.T) {
	tests := []struct {
		name, query string
		differs     func(o *options.ClientOptions) bool
	}{
		{"what the address leaves open is set", "", func(o *options.ClientOptions) bool {
			return o.WriteConcern.W != writeconcern.WCMajority || !*o.WriteConcern.Journal || o.ReadPreference.Mode() != readpref.PrimaryMode ||
				o.ReadConcern.Level != "majority" || !*o.RetryWrites || !*o.RetryReads || *o.Timeout != 10*time.Second ||
				*o.ServerSelectionTimeout != 5*time.Second || *o.MaxPoolSize != 50 || *o.AppName != "grapnel"
		}},
		{
			"what it says wins", "?w=1&retryWrites=false&timeoutMS=1500&serverSelectionTimeoutMS=700&maxPoolSize=7&appName=other&readPreference=nearest",
			func(o *options.ClientOptions) bool {
				return o.WriteConcern.W != 1 || *o.RetryWrites || *o.Timeout != 1500*time.Millisecond || *o.ServerSelectionTimeout != 700*time.Millisecond ||
					*o.MaxPoolSize != 7 || *o.AppName != "other" || o.ReadPreference.Mode() != readpref.NearestMode
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := clientOptions("mongodb://localhost/grapnel" + tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if tt.differs(o) {
				t.Errorf("options are %+v, write concern %+v", o, o.WriteConcern)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	tests := []struct{ address, database, place string }{
		{"mongodb://localhost/chat", "chat", "mongodb://localhost/chat"},
		{"mongodb://me:p%40ss@a:1,b:2/my%20chat?w=1", "my chat", "mongodb://a:1,b:2/my%20chat"},
		{"mongodb+srv://me@example.com/chat", "chat", "mongodb+srv://example.com/chat"},
		{"mongodb://localhost", "", "mongodb://localhost"},
		{"mongodb://localhost/?w=1", "", "mongodb://localhost/"},
	}
	for _, tt := range tests {
		name, err := databaseName(tt.address)
		if name != tt.database || (err == nil) != (tt.database != "") || err != nil && !errors.Is(err, ErrNoDatabase) {
			t.Errorf("databaseName(%s) = %q, %v, want %q", tt.address, name, err, tt.database)
		}
		if got := Place(tt.address); got != tt.place {
			t.Errorf("Place(%s) = %s, want %s", tt.address, got, tt.place)
		}
	}
}

func TestNoErrorTellsThePassword(t *testing.T) {
	for _, address := range []string{
		"mongodb://me:se%cret@localhost/chat", "mongodb://me:secret@localhost:port/chat", "mongodb://me:secret@localhost/chat?w=x&authMechanism=none",
		"mongodb://me:sec/ret@localhost/chat",
	} {
		s, err := Open(t.Context(), address)
		if err == nil || s != nil {
			t.Errorf("Open(%s) has no error", address)
			continue
		}
		for _, secret := range []string{"secret", "se%cret", "sec/ret"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("Open(%s): %v", address, err)
			}
		}
	}
}
