package models

import (
	"errors"
	"syscall"
)

// Windows' own codes for a full disk and a used-up quota (winerror.h); package syscall does not name them.
const (
	errorHandleDiskFull    = syscall.Errno(39)
	errorDiskFull          = syscall.Errno(112)
	errorDiskQuotaExceeded = syscall.Errno(1295)
)

// IsDiskFull says whether an error of the operating system is that the disk or the user's quota is used up.
func IsDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuotaExceeded)
}
