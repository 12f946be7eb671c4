package models

// Cursor is a place in a list: what was read last.
type Cursor struct {
	ID    ID
	Title string // of a book; counts when the list is sorted by title
}
