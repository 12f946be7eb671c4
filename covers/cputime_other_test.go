//go:build !unix

package covers

import "time"

var started = time.Now()

// cpuTime returns the elapsed time, because the CPU time is only measured on Unix.
func cpuTime() time.Duration { return time.Since(started) }
