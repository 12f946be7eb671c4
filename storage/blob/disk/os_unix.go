//go:build !windows

package disk

import (
	"errors"
	"os"
)

// syncFolder syncs the folder, which makes its file names durable.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
