package s3

import (
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
)

func TestParse(t *testing.T) {
	for url, want := range map[string]location{
		"s3://books":                     {bucket: "books", endpoint: "s3.amazonaws.com", secure: true, region: "us-east-1"},
		"s3://books/?region=eu-north-1":  {bucket: "books", endpoint: "s3.amazonaws.com", secure: true, region: "eu-north-1"},
		"s3://b.1?endpoint=http://[::1]": {bucket: "b.1", endpoint: "[::1]", region: "us-east-1"},
		"s3://books?endpoint=https%3A%2F%2Fminio.example.com%3A9000%2F&path_style=true&prefix=covers%2F": {
			bucket: "books", endpoint: "minio.example.com:9000", secure: true, region: "us-east-1",
			lookup: minio.BucketLookupPath, prefix: "covers/",
		},
		"s3://books?path_style=false": {
			bucket: "books", endpoint: "s3.amazonaws.com", secure: true, region: "us-east-1", lookup: minio.BucketLookupDNS,
		},
	} {
		if got, err := parse(url); err != nil || got != want {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", url, got, err, want)
		}
	}
}

func TestInvalidURL(t *testing.T) {
	for url, want := range map[string]string{
		"s3://":                             "s3://BUCKET",
		"s3:books":                          "s3://BUCKET",
		"gs://books":                        "s3://BUCKET",
		"s3://books/covers":                 "s3://BUCKET",
		"s3://key:hunter2@books":            "s3://BUCKET",
		"s3://books:9000":                   "s3://BUCKET",
		"s3://bo oks":                       "s3://BUCKET",
		"s3://books?%zz":                    "cannot read",
		"s3://books?pathstyle=true":         `option "pathstyle"`,
		"s3://books?region=a&region=b":      "region",
		"s3://books?path_style=maybe":       "true or false",
		"s3://books?endpoint=":              "https://HOST",
		"s3://books?endpoint=minio:9000":    "https://HOST",
		"s3://books?endpoint=ftp://minio":   "https://HOST",
		"s3://books?endpoint=https://h/s3":  "https://HOST",
		"s3://books?endpoint=https://k:s@h": "https://HOST",
		"s3://books?endpoint=https://h:x":   "https://HOST",
		"s3://b":                            "Bucket name",
		"s3://books?prefix=%ff":             "Object name",
	} {
		s, err := Open(t.Context(), url, keys)
		if err == nil {
			t.Errorf("%s: accepted as %+v", url, s.loc)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %q, want it to contain %s", url, err, want)
		}
	}
}
