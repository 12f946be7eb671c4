// Package storagetest holds the contract that both database engines pass.
package storagetest
