package tests

import "syscall"

// The kernel kills the servers when the test process ends, even if it crashes.
func init() { serverAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
