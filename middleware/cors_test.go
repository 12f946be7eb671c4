package middleware

import "testing"

func TestOrigins(t *testing.T) {
	all := newOrigins([]string{"*", "http://localhost", "http://localhost:*", "http://[::1]:*", "https://Books.example.com", "https://*.example.org:8443"})
	for _, origin := range []string{
		"http://localhost", "http://localhost:3000", "HTTP://LOCALHOST:3000", "http://[::1]:8080", "https://books.example.com",
		"https://a.example.org:8443", "https://a.b.example.org:8443",
	} {
		if !all.allow(origin) {
			t.Errorf("%s is rejected", origin)
		}
	}
	for _, origin := range []string{
		"", "null", "*", "http://localhost:", "http://localhost:*", "http://localhost:http", "http://localhost:3000.evil.com",
		"http://localhost:3000@evil.com", "http://localhost:3000/", "http://localhost:3000/@evil.com", "http://localhost:3000\n",
		"https://localhost:3000", "http://localhost.evil.com", "http://evil.com/http://localhost", "https://books.example.com:1",
		"https://booksXexample.com", "https://books.example.com.evil.com", "https://evil.com/.example.org:8443",
		"https://evil.com?.example.org:8443", "https://a:b@c.example.org:8443", "https://example.org:8443", "https://a.example.org",
	} {
		if all.allow(origin) {
			t.Errorf("%q is allowed", origin)
		}
	}
	if newOrigins([]string{"*"}).allow("https://evil.com") {
		t.Error("the wildcard for all origins counts as an origin")
	}
}
