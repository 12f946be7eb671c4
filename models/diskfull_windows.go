package models

import (
	"errors"
	"syscall"
)

// Error codes of Windows for a full disk or quota (winerror.h). Package syscall does not define them.
const (
	errorHandleDiskFull    = syscall.Errno(39)
	errorDiskFull          = syscall.Errno(112)
	errorDiskQuotaExceeded = syscall.Errno(1295)
)

// IsDiskFull reports whether an error of the operating system means that the disk or the user's quota is full.
func IsDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuotaExceeded)
}
