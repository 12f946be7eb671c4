package client

import (
	"context"
	"errors"
	"slices"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	xdriver "go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"bookplate/models"
)

// RetryAfter is when a client may try again: the driver's monitor, which looks twice a second while a server is gone,
// has found it by then if it is back.
const RetryAfter = 2 * time.Second

// The server's error codes that mean something here: src/mongo/base/error_codes.yml of the server.
const (
	codeUnauthorized         = 13
	codeAuthenticationFailed = 18
	codeOutOfDiskSpace       = 14031
)

// unavailableCodes are those of a server that cannot do it now: the retryable errors of the driver specification
// "Retryable Writes", and WriteConcernTimeout (64), FailedToSatisfyReadPreference (133, a router's word for a shard
// without a primary), NetworkInterfaceExceededTimeLimit (202) and LegacyNotPrimary (10058).
var unavailableCodes = []int{6, 7, 64, 89, 91, 133, 134, 189, 202, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436}

// Translate turns an error of the driver into one of ours.
func Translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, driver.ErrNoDocuments):
		return &models.Error{Code: models.NotFound, Err: err}
	case driver.IsDuplicateKeyError(err):
		return &models.Error{Code: models.Conflict, Err: err}
	case hasCode(err, codeOutOfDiskSpace):
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	case unavailable(err):
		return &models.Error{Code: models.Unavailable, RetryAfter: RetryAfter, Err: err}
	}
	return &models.Error{Code: models.Internal, Err: err}
}

// unavailable says whether err means that no answer came in time, or that the server cannot do it now.
func unavailable(err error) bool {
	return errors.Is(err, context.Canceled) ||
		driver.IsTimeout(err) ||
		driver.IsNetworkError(err) ||
		errors.Is(err, driver.ErrClientDisconnected) ||
		errors.As(err, new(topology.ServerSelectionError)) ||
		errors.As(err, new(topology.ConnectionError)) ||
		errors.As(err, new(xdriver.RetryablePoolError)) || // the pool was emptied: another call lost its connection
		hasCode(err, unavailableCodes...)
}

// hasCode says whether err is a server's, with one of these codes.
func hasCode(err error, codes ...int) bool {
	server, ok := errors.AsType[driver.ServerError](err)
	return ok && slices.ContainsFunc(codes, server.HasErrorCode)
}

// Explain adds to one of our errors, for the people who run the server, what is wrong with which hosts.
func (c *Client) Explain(err error) error {
	switch {
	case hasCode(err, codeUnauthorized, codeAuthenticationFailed):
		return c.Describe(err, "does not accept the user and the password of its URL")
	case unavailable(err):
		return c.Describe(err, "cannot be reached")
	}
	return c.Describe(err, "answers with an error; the log has it")
}

// Describe adds to one of our errors what the server does.
func (c *Client) Describe(err error, what string) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	described := *e
	described.Detail = "MongoDB at " + c.Hosts + " " + what
	return &described
}
