package s3

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// location is the parsed URL of a blob store.
type location struct {
	bucket   string
	prefix   string // the start of every object's name
	endpoint string // host or host:port
	secure   bool   // TLS
	region   string
	lookup   minio.BucketLookupType
}

// defaults are the options of a URL and their default values.
var defaults = map[string]string{
	"endpoint":   "https://s3.amazonaws.com",
	"region":     "us-east-1", // most servers other than Amazon's accept it
	"path_style": "",          // the client chooses by the name of the endpoint
	"prefix":     "",
}

// parse reads a URL such as s3://bucket?endpoint=https://minio.example.com&path_style=true.
func parse(rawURL string) (location, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Port() != "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return location{}, errors.New("invalid URL, want s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return location{}, fmt.Errorf("cannot read the options after the ?: %w", err)
	}
	for name, values := range query {
		if _, known := defaults[name]; !known || len(values) != 1 {
			return location{}, fmt.Errorf("unknown or repeated option %q, want endpoint, region, path_style or prefix", name)
		}
	}
	option := func(name string) string {
		if values := query[name]; len(values) == 1 {
			return values[0]
		}
		return defaults[name]
	}
	loc := location{bucket: u.Host, prefix: option("prefix"), region: option("region")}
	err = cmp.Or(
		s3utils.CheckValidBucketName(loc.bucket),
		s3utils.CheckValidObjectNamePrefix(loc.prefix),
		loc.setEndpoint(option("endpoint")),
		loc.setPathStyle(option("path_style")),
	)
	return loc, err
}

func (loc *location) setEndpoint(value string) error {
	u, err := url.Parse(value)
	if err != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("invalid endpoint=%q, want https://HOST or http://HOST:PORT", value)
	}
	loc.endpoint, loc.secure = u.Host, u.Scheme == "https"
	return nil
}

func (loc *location) setPathStyle(value string) error {
	if value == "" {
		return nil
	}
	path, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("invalid path_style=%q, want true or false", value)
	}
	loc.lookup = minio.BucketLookupDNS
	if path {
		loc.lookup = minio.BucketLookupPath
	}
	return nil
}
