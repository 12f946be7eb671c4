// Package tests runs the built server as a process and uses it over HTTP. Tests that need no process are beside the code.
package tests
