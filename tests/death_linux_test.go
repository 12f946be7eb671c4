package tests

import "syscall"

// However the tests end, the kernel ends their servers with them.
func init() { serverAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
