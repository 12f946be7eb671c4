package disk

import (
	"errors"
	"os"
	"syscall"
)

// Windows' own codes for a full disk and a used-up quota (winerror.h); package syscall does not name them.
const (
	errorHandleDiskFull    = syscall.Errno(39)
	errorDiskFull          = syscall.Errno(112)
	errorDiskQuotaExceeded = syscall.Errno(1295)
)

// syncFolder does nothing: Windows cannot flush a folder, NTFS journals its names by itself.
func syncFolder(*os.Root) error { return nil }

// isFull says whether the disk or the user's quota is used up.
func isFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuotaExceeded)
}
