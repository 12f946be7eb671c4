// Package client connects to MongoDB. It parses the URL, sets the timeouts of a call and translates the driver's errors.
package client

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

// Client is a connection to a database on one or more MongoDB servers. Its methods return the driver's errors. The
// caller translates them with Translate.
type Client struct {
	Database *driver.Database
	Hosts    string // the hosts for messages, without user name and password

	timeout time.Duration // of a call; 0 means no limit
}

// Connect returns a client for the database in a MongoDB URL, by default "bookplate". It returns an error only if the
// URL is invalid, because the driver connects to the servers in the background.
func Connect(url string) (*Client, error) {
	opts, database, err := parse(url)
	if err != nil {
		return nil, err
	}
	c, err := driver.Connect(opts)
	if err != nil {
		return nil, err
	}
	return &Client{Database: c.Database(database), Hosts: strings.Join(opts.Hosts, ","), timeout: *opts.Timeout}, nil
}

// WithTimeout returns a context with the timeout of one call. Use it to limit several calls together.
func (c *Client) WithTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

// Ping checks that the primary server answers.
func (c *Client) Ping(ctx context.Context) error {
	return c.Database.Client().Ping(ctx, readpref.Primary())
}

// HasTransactions reports whether the server is a member of a replica set or a router of a sharded cluster. Other servers
// have no transactions: https://www.mongodb.com/docs/manual/core/transactions/. The kinds of servers differ in the fields of
// their answer to the command hello.
func (c *Client) HasTransactions(ctx context.Context) (bool, error) {
	var hello struct {
		SetName string `bson:"setName"` // only a member of a replica set has it
		Message string `bson:"msg"`     // "isdbgrid" from a router
	}
	err := c.Database.Client().Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	return hello.SetName != "" || hello.Message == "isdbgrid", err
}

// Transact runs do in a transaction. Calls with the context of do belong to the transaction. After some errors, such as a
// conflict with another write, Transact runs do again, for as long as a call may take. It returns the error of do or of the
// transaction.
func (c *Client) Transact(ctx context.Context, do func(ctx context.Context) error) error {
	return c.Database.Client().UseSession(ctx, func(ctx context.Context) error {
		_, err := driver.SessionFromContext(ctx).WithTransaction(ctx, func(ctx context.Context) (any, error) {
			return nil, do(ctx)
		})
		return err
	})
}

// Close closes the connections. It waits up to CallTimeout for running calls.
func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), CallTimeout)
	defer cancel()
	return c.Database.Client().Disconnect(ctx)
}
