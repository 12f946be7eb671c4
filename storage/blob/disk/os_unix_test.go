//go:build !windows

package disk

import (
	"io/fs"
	"syscall"
	"testing"

	"bookplate/models"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		errno syscall.Errno
		want  models.Code
	}{
		{syscall.ENOSPC, models.InsufficientStorage},
		{syscall.EDQUOT, models.InsufficientStorage},
		{syscall.EIO, models.Unavailable},
		{syscall.EROFS, models.Unavailable},
		{syscall.ENOENT, models.Unavailable}, // the folder is missing, not the blob
	} {
		err := translate(&fs.PathError{Op: "write", Path: "x.part", Err: c.errno})
		if got := models.CodeOf(err); got != c.want {
			t.Errorf("%v: got code %d, want %d", c.errno, got, c.want)
		}
	}
}
