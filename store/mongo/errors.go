package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Why an address or a store is refused.
var (
	ErrNoDatabase = errors.New("the address names no database: mongodb://host:27017/NAME")
	ErrClosed     = errors.New("store is closed")
	ErrForeign    = errors.New("the database is a Rocket.Chat's, and has not been adopted")
	ErrChanged    = errors.New("a Rocket.Chat has added to the database since it was adopted")
)

// failed names an action and puts what went wrong into the words of the workspace.
func failed(ctx context.Context, action string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", action, worded(ctx, err))
}

func worded(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case ctx.Err() != nil:
		return err
	case errors.Is(err, mongo.ErrNoDocuments):
		return workspace.ErrNotFound
	case mongo.IsDuplicateKeyError(err):
		return fmt.Errorf("%w: %w", workspace.ErrConflict, err)
	case errors.Is(err, mongo.ErrClientDisconnected):
		return fmt.Errorf("%w: %w", ErrClosed, err)
	case isFull(err):
		return fmt.Errorf("%w: %w", workspace.ErrFull, err)
	case isUnavailable(err):
		return fmt.Errorf("%w: %w", workspace.ErrUnavailable, err)
	default:
		return err
	}
}

// The numbers by which a server says that its disk is full.
var fullCodes = []int{14031} // OutOfDiskSpace

func isFull(err error) bool { return hasCode(err, fullCodes) }

// The numbers by which a server says that it cannot serve now: it starts, stops, is no primary any
// more, did not hear from the others in time, or has lost a list that it was being read from.
var unavailableCodes = []int{
	6, 7, 43, 64, 89, 91, 133, 134, 175, 189, 237, 262, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436,
}

func isUnavailable(err error) bool {
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || hasCode(err, unavailableCodes) {
		return true
	}
	_, selecting := errors.AsType[topology.ServerSelectionError](err)
	_, connecting := errors.AsType[topology.ConnectionError](err)
	_, waiting := errors.AsType[topology.WaitQueueTimeoutError](err)
	_, cleared := errors.AsType[clearedError](err)
	labeled, ok := errors.AsType[mongo.LabeledError](err)
	return selecting || connecting || waiting || cleared || ok && (labeled.HasErrorLabel("RetryableWriteError") || labeled.HasErrorLabel("RetryableError"))
}

// clearedError is that of a pool whose connections were all closed, as one of them failed. The driver
// has no exported type for it.
type clearedError interface {
	error
	Retryable() bool
}

func hasCode(err error, codes []int) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	if !ok {
		return false
	}
	return slices.ContainsFunc(codes, server.HasErrorCode)
}

// isCertain reports whether a write that failed has certainly not been made: the server or this
// package refused it. After a lost connection or a time-out it may have been.
func isCertain(err error) bool {
	if errors.Is(err, workspace.ErrNotFound) || errors.Is(err, workspace.ErrConflict) || errors.Is(err, errExists) ||
		errors.Is(err, mongo.ErrNoDocuments) {
		return true
	}
	if isUnavailable(err) {
		return false
	}
	_, answered := errors.AsType[mongo.ServerError](err)
	return answered
}

var errExists = errors.New("it is there already")

// taken tells that a document is there already from other refusals.
func taken(err error) error {
	if mongo.IsDuplicateKeyError(err) {
		return errExists
	}
	return err
}

// ignoreMissing is for what may be gone.
func ignoreMissing(err error) error {
	if errors.Is(err, workspace.ErrNotFound) {
		return nil
	}
	return err
}
