package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// pragmas are set on every connection.
var pragmas = []string{
	"busy_timeout(5000)", // ms to wait for another program that has the file open, such as a backup
	"journal_mode(WAL)",  // readers and the writer do not wait for each other
	"synchronous(FULL)",  // a commit is fsynced before it returns
	"foreign_keys(ON)",   // off by default
	"temp_store(MEMORY)", // the journal of a savepoint; in a file it took two thirds of the time of large writes
}

// readerPragmas are set on the reading connections, in addition to pragmas.
var readerPragmas = []string{"query_only(ON)"}

// dsn returns the data source name for a path. It sets the pragmas of every connection and the pragmas in more. The
// path may contain any character.
func dsn(path string, more ...string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("cannot find the database: %w", err)
	}
	slashed := "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/") // file:/C:/data on Windows
	u := url.URL{Scheme: "file", OmitHost: true, Path: slashed}
	u.RawQuery = url.Values{"_pragma": append(pragmas[:len(pragmas):len(pragmas)], more...)}.Encode()
	return u.String(), nil
}
