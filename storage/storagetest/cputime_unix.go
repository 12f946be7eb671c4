//go:build unix

package storagetest

import (
	"syscall"
	"time"
)

// CPUTime returns the CPU time of this process on all cores, without a database server's.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // fails only for an invalid argument
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
