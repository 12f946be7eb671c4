package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// mongoTestURL is the environment variable with the URL of a MongoDB to use instead of FerretDB.
const mongoTestURL = "MONGODB_TEST_URL"

// FullMatrix reports whether tests do everything on both engines. TEST_MATRIX=full turns it on in CI. Without it, most
// tests of the HTTP API run on SQLite only.
func FullMatrix() bool { return os.Getenv("TEST_MATRIX") == "full" }

// MongoURL returns the URL of a new, empty database, which is dropped at the end of the test. The database is on the
// server that MONGODB_TEST_URL names, or else on a FerretDB that all tests of the package share.
func MongoURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(mongoTestURL)
	if server == "" {
		ferret, err := sharedFerret()
		if err != nil {
			t.Fatal(err)
		}
		server = ferret.URL()
	}
	separator := "?"
	if strings.Contains(server, separator) {
		separator = "&"
	}
	url, name := withDatabase(server+separator+slowServer, string(models.NewID(time.Now())))
	t.Cleanup(func() { dropDatabase(t, url, name) })
	return url
}

// slowServer is the query of a URL. It sets long timeouts, so that calls to a server on a slow machine succeed.
const slowServer = "serverSelectionTimeoutMS=300000&timeoutMS=300000"

// sharedFerret starts the server on first use. The server ends with this process.
var sharedFerret = sync.OnceValues(func() (*Ferret, error) {
	f := newFerret()
	return f, f.start()
})

// withDatabase adds a suffix to the name of the database in a URL. The name is bookplate by default. If the URL has
// credentials, withDatabase also adds authSource, because its default is the name of the database.
func withDatabase(url, suffix string) (changed, name string) {
	url, query, _ := strings.Cut(url, "?")
	scheme, rest, _ := strings.Cut(url, "://")
	hosts, database, _ := strings.Cut(rest, "/")
	if strings.Contains(hosts, "@") && !strings.Contains(strings.ToLower(query), "authsource=") {
		query = strings.TrimPrefix(query+"&authSource="+cmp.Or(database, "admin"), "&")
	}
	name = cmp.Or(database, "bookplate") + "_" + suffix
	return fmt.Sprintf("%s://%s/%s?%s", scheme, hosts, name, query), name
}

func dropDatabase(t testing.TB, url, name string) {
	client, err := driver.Connect(options.Client().ApplyURI(url))
	if err != nil {
		t.Errorf("cannot drop %s: %v", name, err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := client.Database(name).Drop(ctx); err != nil {
		t.Errorf("cannot drop %s: %v", name, err)
	}
	_ = client.Disconnect(ctx)
}
