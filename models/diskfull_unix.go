//go:build !windows

package models

import (
	"errors"
	"syscall"
)

// IsDiskFull reports whether an error of the operating system means that the disk or the user's quota is full.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
