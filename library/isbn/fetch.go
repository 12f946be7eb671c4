package isbn

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

const (
	maxAnswer    = 1 << 20  // bytes of JSON or XML
	maxPicture   = 10 << 20 // bytes
	maxRedirects = 5

	maxQueue = 5 * time.Second // how long a request may wait for the rate limit
	pause    = time.Minute     // the pause if a source asks for fewer requests but names no time
	maxPause = 24 * time.Hour
)

// unreadable is the reason of an outage if an answer cannot be decoded.
const unreadable = "sent an answer that cannot be read"

// outage is returned if a source cannot be reached or does not give a valid answer.
type outage struct {
	source string        // the title of the source
	reason string        // the rest of a sentence that begins with the title; safe to show to clients
	wait   time.Duration // how long to wait before the next request; zero if unknown
	err    error
}

func (o *outage) Error() string {
	text := o.source + " " + o.reason
	if o.err != nil {
		text += ": " + o.err.Error()
	}
	return text
}

func (o *outage) Unwrap() error { return o.err }

// fetcher sends requests to one source.
type fetcher struct {
	source
	client    *http.Client
	network   Network
	limiter   throttle.Limiter
	userAgent string
}

func newFetcher(s source, o Options) *fetcher {
	f := &fetcher{
		source: s, network: o.Network, limiter: throttle.Limiter{Tallies: o.Tallies, Now: o.Now},
		userAgent: "Bookplate/" + o.Version,
	}
	if o.Contact != "" {
		f.userAgent += " (" + o.Contact + ")"
	} else if s.name == models.OpenLibrary {
		f.limit = anonymousLimit
	}
	f.client = &http.Client{Transport: o.Network.Transport, CheckRedirect: f.checkRedirect}
	return f
}

// json fetches a JSON document and decodes it into the value that target points to.
func (f *fetcher) json(ctx context.Context, url string, target any) error {
	return f.document(ctx, url, func(r io.Reader) error { return json.NewDecoder(r).Decode(target) })
}

// xml fetches an XML document and decodes it into the value that target points to.
func (f *fetcher) xml(ctx context.Context, url string, target any) error {
	return f.document(ctx, url, func(r io.Reader) error { return xml.NewDecoder(r).Decode(target) })
}

func (f *fetcher) document(ctx context.Context, url string, decode func(io.Reader) error) error {
	body, err := f.get(ctx, url)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // the body was only read
	err = decode(&limitedReader{body, maxAnswer})
	if err != nil && ctx.Err() == nil {
		return f.out(unreadable, 0, err)
	}
	return f.failed(err)
}

// picture fetches a picture into a temporary file.
func (f *fetcher) picture(ctx context.Context, url string) (_ *os.File, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.network.Timeout)
	defer cancel()
	body, err := f.get(ctx, url)
	if err != nil {
		return nil, err
	}
	defer body.Close() //nolint:errcheck // the body was only read
	file, err := os.CreateTemp("", "bookplate-*.upload")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // fails on Windows for an open file; there the caller removes it
	if _, err := io.Copy(file, &limitedReader{body, maxPicture}); err != nil {
		return nil, errors.Join(f.out(unreadable, 0, err), file.Close())
	}
	return file, nil
}

var errTooLong = errors.New("the answer is too long")

// limitedReader reads up to remaining bytes from r. If r has more, it returns errTooLong.
type limitedReader struct {
	r         io.Reader
	remaining int64
}

// Read implements io.Reader.
func (r *limitedReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.remaining -= int64(n); r.remaining < 0 {
		return 0, errTooLong
	}
	return n, err
}

// get waits for the source's rate limit and sends a GET request. It returns the body if the status is 200. The error is
// errUnknown if the status is 404.
func (f *fetcher) get(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, f.out("sent an address that cannot be read", 0, err)
	}
	if err := f.checkURL(request.URL); err != nil {
		return nil, f.out("sent the address of another service", 0, err)
	}
	request.Header.Set("User-Agent", f.userAgent)
	if err := f.takeTurn(ctx); err != nil {
		return nil, err
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, f.failed(err)
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	_ = response.Body.Close() // the body is not needed
	return nil, f.refused(ctx, response)
}

// takeTurn waits until the rate limit of the source allows another request.
func (f *fetcher) takeTurn(ctx context.Context) error {
	delay, err := f.limiter.Reserve(ctx, f.limit, maxQueue, f.key()...)
	if e, ok := errors.AsType[*models.Error](err); ok && e.Code == models.TooManyRequests {
		return f.out("has asked for fewer requests", e.RetryAfter, err)
	}
	if err == nil && delay > 0 {
		err = f.network.Wait(ctx, delay)
	}
	if ctx.Err() != nil {
		return f.failed(err) // the time for the source's answer is over
	}
	return err
}

// key returns the parts of the source's key in the rate limiter.
func (f *fetcher) key() []string { return []string{"source", f.name} }

// failed returns the outage for a request without an answer, or nil if err is nil. The outage omits the URL, because
// the log must not have the ISBNs that users look up.
func (f *fetcher) failed(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return f.out("did not answer", 0, err)
}

// refused returns the error for a status other than 200. If the source asks for fewer requests, all servers pause their
// requests to it.
func (f *fetcher) refused(ctx context.Context, response *http.Response) error {
	if response.StatusCode == http.StatusNotFound {
		return errUnknown
	}
	reason := fmt.Sprintf("answered %d", response.StatusCode)
	d := retryAfter(response.Header.Get("Retry-After"), f.limiter.Now())
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusForbidden, http.StatusServiceUnavailable:
		if d == 0 {
			d = pause
		}
	}
	if d == 0 {
		return f.out(reason, 0, nil)
	}
	if err := f.limiter.Pause(context.WithoutCancel(ctx), f.limit, d, f.key()...); err != nil {
		return err
	}
	return f.out(reason, d, nil)
}

func (f *fetcher) out(reason string, wait time.Duration, err error) error {
	return &outage{f.title, reason, wait, err}
}

// retryAfter returns the wait in a Retry-After header, which is a number of seconds or a date. It returns zero if the
// header is invalid.
func retryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		d = time.Duration(min(seconds, int(maxPause/time.Second))) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		d = date.Sub(now)
	}
	return min(max(d, 0), maxPause)
}

func (f *fetcher) checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	return f.checkURL(request.URL)
}

// checkURL returns an error unless the URL is on one of the source's hosts.
func (f *fetcher) checkURL(u *url.URL) error {
	allowed := slices.ContainsFunc(f.hosts, func(host string) bool {
		return u.Host == host || host[0] == '.' && strings.HasSuffix(u.Host, host)
	})
	if u.Scheme != "https" || u.User != nil || !allowed {
		return fmt.Errorf("%s://%s is not a host of %s", u.Scheme, u.Host, f.title)
	}
	return nil
}
