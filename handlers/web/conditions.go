package web

import (
	"errors"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// entityTag matches an entity tag at the beginning of a text (RFC 9110, section 8.8.3).
var entityTag = regexp.MustCompile(`^(W/)?"[^"\x00-\x20\x7f]*"`)

// conditions returns the entity tags of If-Match or If-None-Match, or only "*". It returns nil if the request does not have
// the header, and false if the header is malformed.
func conditions(c *gin.Context, header string) (tags []string, ok bool) {
	values := c.Request.Header.Values(header)
	if len(values) == 0 {
		return nil, true
	}
	rest := strings.TrimSpace(strings.Join(values, ","))
	if rest == "*" {
		return []string{"*"}, true
	}
	for rest != "" {
		tag := entityTag.FindString(rest)
		rest = strings.TrimLeft(rest[len(tag):], " \t")
		if tag == "" && rest[0] != ',' || tag != "" && rest != "" && rest[0] != ',' {
			return nil, false
		}
		if tag != "" {
			tags = append(tags, tag)
		}
		rest = strings.TrimLeft(strings.TrimPrefix(rest, ","), " \t")
	}
	return tags, tags != nil
}

// IfMatch returns the strong entity tags of the request's If-Match, none of which may match (RFC 9110, section 13.1.1). It
// returns nil if the request has no If-Match or allows any tag. The error is Invalid if the header is malformed.
func IfMatch(c *gin.Context) ([]string, error) {
	tags, ok := conditions(c, "If-Match")
	if !ok {
		return nil, models.InvalidField("If-Match", errors.New(`must be * or the ETag of a book, in double quotes`))
	}
	if tags == nil || tags[0] == "*" {
		return nil, nil
	}
	strong := []string{}
	for _, tag := range tags {
		if !strings.HasPrefix(tag, "W/") {
			strong = append(strong, tag)
		}
	}
	return strong, nil
}

// NoneMatch reports whether the request's If-None-Match allows an answer with that strong entity tag. Otherwise the client
// has the answer (RFC 9110, section 13.1.2). A malformed header is ignored.
func NoneMatch(c *gin.Context, tag string) bool {
	tags, _ := conditions(c, "If-None-Match")
	for _, has := range tags {
		if has == "*" || strings.TrimPrefix(has, "W/") == tag {
			return false
		}
	}
	return true
}
