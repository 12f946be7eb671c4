package client

import (
	"context"
	"errors"
	"fmt"
	"testing"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"bookplate/models"
)

func TestTranslate(t *testing.T) {
	failed := errors.New("failed")
	command := func(code int32, labels ...string) error { return driver.CommandError{Code: code, Labels: labels} }
	write := func(code int) error { return driver.WriteException{WriteErrors: driver.WriteErrors{{Code: code}}} }
	for _, test := range []struct {
		err  error
		want models.Code
	}{
		{driver.ErrNoDocuments, models.NotFound},
		{write(11000), models.Conflict},   // an insert or an update
		{command(11000), models.Conflict}, // findAndModify
		{driver.BulkWriteException{WriteErrors: []driver.BulkWriteError{{WriteError: driver.WriteError{Code: 11000}}}}, models.Conflict},
		{write(codeOutOfDiskSpace), models.InsufficientStorage},
		{command(codeOutOfDiskSpace), models.InsufficientStorage},
		{context.Canceled, models.Unavailable},
		{context.DeadlineExceeded, models.Unavailable},
		{command(0, "NetworkError"), models.Unavailable},
		{command(112, "TransientTransactionError"), models.Unavailable}, // WriteConflict in a transaction
		{command(112), models.Internal},
		{command(50), models.Unavailable}, // MaxTimeMSExpired
		{command(91), models.Unavailable}, // ShutdownInProgress
		{write(10107), models.Unavailable},
		{driver.WriteException{WriteConcernError: &driver.WriteConcernError{Code: 64}}, models.Unavailable},
		{driver.ErrClientDisconnected, models.Unavailable},
		{topology.ServerSelectionError{Wrapped: failed}, models.Unavailable},
		{topology.ConnectionError{Wrapped: failed}, models.Unavailable},
		{topology.WaitQueueTimeoutError{Wrapped: failed}, models.Unavailable},
		{command(2), models.Internal},
		{failed, models.Internal},
	} {
		for _, err := range []error{test.err, fmt.Errorf("wrapped: %w", test.err)} {
			got := Translate(err)
			e, ok := errors.AsType[*models.Error](got)
			if !ok || e.Code != test.want || e.Err == nil || (e.RetryAfter > 0) != (test.want == models.Unavailable) {
				t.Errorf("%T %v: got %#v, want code %d", test.err, err, got, test.want)
			}
		}
	}
	if err := Translate(nil); err != nil {
		t.Errorf("nil: got %v", err)
	}
}
