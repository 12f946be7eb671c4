//go:build !windows

package models

import (
	"errors"
	"syscall"
)

// IsDiskFull says whether an error of the operating system is that the disk or the user's quota is used up.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
