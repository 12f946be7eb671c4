package storagetest

import "testing"

// Ferret is a FerretDB, a server that speaks MongoDB's protocol, in a process of its own.
type Ferret struct {
	program
	addr string // the same at every start
}

// NewFerret starts a server that keeps its data when it is stopped and started again. It is stopped at the end of the
// test.
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

// URL is the server's, whether it runs or not. It names no database.
func (f *Ferret) URL() string { return "mongodb://" + f.addr + "/" }
