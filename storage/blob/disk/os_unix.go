//go:build !windows

package disk

import (
	"errors"
	"os"
)

// syncFolder makes the names in the folder durable.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
