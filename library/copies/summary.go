package copies

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
)

// Summary describes a library. It has a line for each collection and one for the covers.
type Summary []Line

// Line is the number of records of a collection, and a digest of them.
type Line struct {
	Name   string
	Count  int64
	Digest string // 16 hexadecimal digits
}

// coversLine is the name of the covers' line.
const coversLine = "covers"

// String returns the summary as a table.
func (s Summary) String() string {
	var b strings.Builder // Write returns no errors
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	for _, line := range s {
		_, _ = fmt.Fprintf(t, "%s\t%d\t%s\n", line.Name, line.Count, line.Digest)
	}
	_ = t.Flush()
	return b.String()
}

// digest is a checksum of records: the exclusive or of their hashes. It does not depend on their order, because engines
// may sort them differently.
type digest struct {
	count int64
	hash  [sha256.Size]byte
}

// add adds a record, and returns the size of its JSON in bytes.
func (d *digest) add(record any) (size int, err error) {
	text, err := json.Marshal(record)
	if err == nil {
		d.addHash(sha256.Sum256(text))
	}
	return len(text), err
}

// addCover adds a picture.
func (d *digest) addCover(key string, content []byte) {
	hash := sha256.Sum256(content)
	d.addHash(sha256.Sum256(append([]byte(key+"\x00"), hash[:]...)))
}

func (d *digest) addHash(hash [sha256.Size]byte) {
	d.count++
	for i, b := range hash {
		d.hash[i] ^= b
	}
}

// text returns the first 16 digits of the digest.
func (d *digest) text() string { return hex.EncodeToString(d.hash[:8]) }

func (d *digest) line(name string) Line { return Line{name, d.count, d.text()} }
