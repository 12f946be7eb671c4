// Package client is the way to a MongoDB, for the stores that are kept in one: its URL, the budgets of a call, and what
// the driver's errors mean.
package client

import (
	"context"
	"strings"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

// Client is connected to a database on one or more MongoDB servers. Its calls return the driver's errors, for
// Translate.
type Client struct {
	Database *driver.Database
	Hosts    string // for people: without user name and password

	timeout time.Duration // of a call; 0 for none
}

// Connect returns a client of the database that a MongoDB URL names, "bookplate" if it names none. It fails only if the
// URL is wrong: the servers are looked for in the background, for as long as it takes.
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

// WithTimeout returns a context in which several calls to the server have the time of one.
func (c *Client) WithTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

// Ping asks the server that takes the writes.
func (c *Client) Ping(ctx context.Context) error {
	return c.Database.Client().Ping(ctx, readpref.Primary())
}

// Close ends the connections. Calls that still run have a moment to finish.
func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), CallTimeout)
	defer cancel()
	return c.Database.Client().Disconnect(ctx)
}
