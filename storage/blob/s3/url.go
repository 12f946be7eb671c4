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

// place is where the blobs are, as a URL says it.
type place struct {
	bucket   string
	prefix   string // of every blob's name in the bucket
	endpoint string // host or host:port
	secure   bool   // TLS
	region   string
	lookup   minio.BucketLookupType
}

// options are the parameters of a URL, and what they are when it does not say.
var options = map[string]string{
	"endpoint":   "https://s3.amazonaws.com",
	"region":     "us-east-1", // what servers other than Amazon's go by
	"path_style": "",          // as the endpoint's name suggests
	"prefix":     "",
}

// parse reads a URL such as s3://bucket?endpoint=https://minio.example.com&path_style=true.
func parse(rawURL string) (place, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Port() != "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return place{}, errors.New("want s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return place{}, fmt.Errorf("the options after the ? cannot be read: %w", err)
	}
	for name, values := range query {
		if _, known := options[name]; !known || len(values) != 1 {
			return place{}, fmt.Errorf("%s is no option, or is there twice; there are endpoint, region, path_style and prefix", name)
		}
	}
	option := func(name string) string {
		if values := query[name]; len(values) == 1 {
			return values[0]
		}
		return options[name]
	}
	p := place{bucket: u.Host, prefix: option("prefix"), region: option("region")}
	err = cmp.Or(
		s3utils.CheckValidBucketName(p.bucket),
		s3utils.CheckValidObjectNamePrefix(p.prefix),
		p.setEndpoint(option("endpoint")),
		p.setPathStyle(option("path_style")),
	)
	return p, err
}

func (p *place) setEndpoint(value string) error {
	u, err := url.Parse(value)
	if err != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("endpoint=%q: want https://HOST or http://HOST:PORT", value)
	}
	p.endpoint, p.secure = u.Host, u.Scheme == "https"
	return nil
}

func (p *place) setPathStyle(value string) error {
	if value == "" {
		return nil
	}
	path, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("path_style=%q: want true or false", value)
	}
	p.lookup = minio.BucketLookupDNS
	if path {
		p.lookup = minio.BucketLookupPath
	}
	return nil
}
