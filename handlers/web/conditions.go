package web

import (
	"errors"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// listedTag matches the first element of a comma-separated list of entity tags (RFC 9110, sections 5.6.1 and 8.8.3). An
// element may be empty.
var listedTag = regexp.MustCompile(`^[ \t]*((?:W/)?"[^"\x00-\x20\x7f]*")?[ \t]*(?:,|$)`)

// conditions returns the entity tags in the header If-Match or If-None-Match. The list is only "*" if the header is "*", and
// nil if the request does not have the header. ok is false if the header is malformed.
func conditions(c *gin.Context, header string) (tags []string, ok bool) {
	values := c.Request.Header.Values(header)
	if len(values) == 0 {
		return nil, true
	}
	rest := strings.Join(values, ",")
	if strings.TrimSpace(rest) == "*" {
		return []string{"*"}, true
	}
	for rest != "" {
		element := listedTag.FindStringSubmatch(rest)
		if element == nil {
			return nil, false
		}
		if element[1] != "" {
			tags = append(tags, element[1])
		}
		rest = rest[len(element[0]):]
	}
	return tags, tags != nil
}

// IfMatch returns the strong entity tags in the request's If-Match. Nil means that every tag matches, because there is
// no If-Match or it is "*". The list is empty if the header has only weak tags, which never match (RFC 9110, section
// 13.1.1). The error is Invalid if the header is malformed.
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

// NoneMatch reports whether the request's If-None-Match does not match tag, the strong entity tag of an answer. If it returns
// false, the client already has the answer (RFC 9110, section 13.1.2). A malformed header matches nothing.
func NoneMatch(c *gin.Context, tag string) bool {
	tags, _ := conditions(c, "If-None-Match")
	for _, has := range tags {
		if has == "*" || strings.TrimPrefix(has, "W/") == tag {
			return false
		}
	}
	return true
}
