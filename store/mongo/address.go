package mongo

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

const (
	operationLimit = 10 * time.Second
	selectionLimit = 5 * time.Second
	poolSize       = 50
)

// IsAddress reports whether a place is the address of a MongoDB.
func IsAddress(place string) bool {
	return strings.HasPrefix(place, "mongodb://") || strings.HasPrefix(place, "mongodb+srv://")
}

// clientOptions are the server's, and over them what the address says: an acknowledged write is on
// the disks of most members, and a read sees it.
func clientOptions(address string) (*options.ClientOptions, error) {
	journal := true
	o := options.Client().
		SetAppName("grapnel").
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).
		SetRetryReads(true).
		SetTimeout(operationLimit).
		SetServerSelectionTimeout(selectionLimit).
		SetMaxPoolSize(poolSize).
		ApplyURI(address)
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("address of MongoDB: %w", withoutSecrets(err, address))
	}
	return o, nil
}

// databaseName is the path of an address.
func databaseName(address string) (string, error) {
	_, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, name, _ := strings.Cut(rest, "/")
	name, err := url.PathUnescape(name)
	if err != nil || name == "" {
		return "", ErrNoDatabase
	}
	return name, nil
}

// withoutSecrets leaves out of an error what stands before the host of an address.
func withoutSecrets(err error, address string) error {
	_, rest, _ := strings.Cut(address, "://")
	login, _, found := strings.Cut(rest, "@")
	if !found {
		return err
	}
	_, password, _ := strings.Cut(login, ":")
	plain, _ := url.PathUnescape(password)
	for _, secret := range []string{login, password, plain} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			return errors.New("it cannot be read, and to say more would tell its password")
		}
	}
	return err
}

// Place names a database as people may see it: without login and options.
func Place(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if n := strings.LastIndex(rest, "@"); n >= 0 {
		rest = rest[n+1:]
	}
	return scheme + "://" + rest
}
