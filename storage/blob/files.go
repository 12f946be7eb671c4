package blob

import (
	"context"
	"time"
)

// Files keeps large files, such as backups. Its methods return errors of type *models.Error with the code Unavailable,
// InsufficientStorage, Conflict or Internal.
type Files interface {
	// Folder returns the folder in which a file for Put must be written.
	Folder() string
	// Put moves a file from a subfolder of Folder to its place. The file is there whole or not at all, and durable when Put
	// returns nil. The error is Conflict if there is a file with that name.
	Put(ctx context.Context, name, path string) error
	// List returns the names of all files, in order. It deletes subfolders for writing that are a day old, because the
	// program that wrote in them was killed.
	List(ctx context.Context) ([]string, error)
	// Delete deletes a file. It returns nil if there is none.
	Delete(ctx context.Context, name string) error
	Close() error
}

// WorkPrefix begins the names of the subfolders in which files are written.
const WorkPrefix = ".bookplate-"

// MaxWorkAge is the age at which such a subfolder is deleted.
const MaxWorkAge = 24 * time.Hour
