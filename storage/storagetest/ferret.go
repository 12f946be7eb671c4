package storagetest

import "testing"

// Ferret is a FerretDB server in another process. It implements MongoDB's protocol.
type Ferret struct {
	program
	addr string // the same at every start
}

// NewFerret starts a server, which the test's cleanup stops. Stop and Start keep its data.
func NewFerret(t testing.TB) *Ferret {
	t.Helper()
	f := newFerret("-data", t.TempDir())
	f.Start(t)
	t.Cleanup(func() { f.Stop(t) })
	return f
}

func newFerret(args ...string) *Ferret {
	addr := freeAddr()
	return &Ferret{program: program{name: "ferretdb", args: append(args, "-addr", addr)}, addr: addr}
}

// URL returns the server's URL without a database. The URL does not change.
func (f *Ferret) URL() string { return "mongodb://" + f.addr + "/" }
