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

// mongoTestURL names a server to test on instead of FerretDB: a real MongoDB.
const mongoTestURL = "MONGODB_TEST_URL"

// MongoURL is the URL of a fresh, empty database, which is dropped at the end of the test. It is on the server that
// MONGODB_TEST_URL names, or else on a FerretDB that all tests of the package share.
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
	url, name := withDatabase(server+separator+patience, string(models.NewID(time.Now())))
	t.Cleanup(func() { dropDatabase(t, url, name) })
	return url
}

// patience lets a call take as long as it does on a slow machine.
const patience = "serverSelectionTimeoutMS=300000&timeoutMS=300000"

// sharedFerret starts the server on first use. It ends with this process.
var sharedFerret = sync.OnceValues(func() (*Ferret, error) {
	f := newFerret()
	return f, f.start()
})

// withDatabase returns the URL with another database in it: the one it names, or bookplate, with a suffix. Credentials
// go on being looked up where they are, which depends on the URL's database unless an option says it.
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
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := client.Database(name).Drop(ctx); err != nil {
		t.Errorf("cannot drop %s: %v", name, err)
	}
	_ = client.Disconnect(ctx)
}
