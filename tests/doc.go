// Package tests drives the built server as its operator and its clients do: as a process, over HTTP on the loopback
// interface. What a test within one process can show is tested beside the code.
package tests
