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

// RetryAfter is how long a client should wait before it retries. The driver checks an unavailable server twice a
// second, so within this time it notices that the server is back.
const RetryAfter = 2 * time.Second

// Error codes of the server, from its source file src/mongo/base/error_codes.yml.
const (
	codeUnauthorized         = 13
	codeAuthenticationFailed = 18
	codeOutOfDiskSpace       = 14031
)

// unavailableCodes are the error codes of temporary failures. Most of them are the retryable errors of the driver
// specification "Retryable Writes". The others are WriteConcernTimeout (64), FailedToSatisfyReadPreference (133, from a
// router if a shard has no primary), NetworkInterfaceExceededTimeLimit (202) and LegacyNotPrimary (10058).
var unavailableCodes = []int{6, 7, 64, 89, 91, 133, 134, 189, 202, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436}

// Translate translates an error of the driver to a *models.Error. It returns nil if err is nil.
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

// labelTransient is the label of an error after which the whole transaction can be run again.
const labelTransient = "TransientTransactionError"

// unavailable reports whether err is a timeout, a lost connection or a temporary failure of the server.
func unavailable(err error) bool {
	return errors.Is(err, context.Canceled) ||
		driver.IsTimeout(err) ||
		driver.IsNetworkError(err) ||
		errors.Is(err, driver.ErrClientDisconnected) ||
		errors.As(err, new(topology.ServerSelectionError)) ||
		errors.As(err, new(topology.ConnectionError)) ||
		errors.As(err, new(xdriver.RetryablePoolError)) || // another call lost its connection, so the pool was cleared
		hasLabel(err, labelTransient) ||
		hasCode(err, unavailableCodes...)
}

func hasLabel(err error, label string) bool {
	labeled, ok := errors.AsType[driver.LabeledError](err)
	return ok && labeled.HasErrorLabel(label)
}

// hasCode reports whether err is a server error with one of these codes.
func hasCode(err error, codes ...int) bool {
	server, ok := errors.AsType[driver.ServerError](err)
	return ok && slices.ContainsFunc(codes, server.HasErrorCode)
}

// Explain sets the Detail of a *models.Error, for administrators. The Detail names the hosts and says what is wrong
// with them. Explain returns any other error unchanged.
func (c *Client) Explain(err error) error {
	switch {
	case hasCode(err, codeUnauthorized, codeAuthenticationFailed):
		return c.Describe(err, "does not accept the user and the password of its URL")
	case unavailable(err):
		return c.Describe(err, "cannot be reached")
	}
	return c.Describe(err, "answers with an error; the log has it")
}

// Describe sets the Detail of a *models.Error to the names of the hosts, followed by the text in what, for example
// "cannot be reached". It returns any other error unchanged.
func (c *Client) Describe(err error, what string) error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	described := *e
	described.Detail = "MongoDB at " + c.Hosts + " " + what
	return &described
}
