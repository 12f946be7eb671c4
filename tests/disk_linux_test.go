package tests

import (
	"errors"
	"math"
	"syscall"
	"testing"
	"unsafe"
)

// disks returns the disks that a test can make full. The first is a folder with a limit on the size of the server's
// files, which needs no privileges. The second is a small tmpfs, if the tests may mount one.
func disks(t *testing.T) []disk {
	t.Helper()
	limit := disk{name: "limited files", folder: t.TempDir(), fill: limitFiles(1 << 10), free: limitFiles(math.MaxUint64)}
	small := t.TempDir()
	switch err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"); {
	case errors.Is(err, syscall.EPERM):
		return []disk{limit}
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(small, 0); err != nil {
			t.Error(err)
		}
	})
	return []disk{limit, {"small disk", small, fillDisk(small), freeDisk(small), true}}
}

// limitFiles limits the size of files that the running server writes, in bytes.
func limitFiles(size uint64) func(*testing.T, *server) {
	return func(t *testing.T, s *server) {
		t.Helper()
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil { // the server has inherited the test's limits
			t.Fatal(err)
		}
		limit.Cur = min(size, limit.Max)
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(s.cmd.Process.Pid), syscall.RLIMIT_FSIZE,
			uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
		if errno != 0 {
			t.Fatal(errno)
		}
	}
}
