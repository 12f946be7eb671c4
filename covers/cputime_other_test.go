//go:build !unix

package covers

import "time"

var started = time.Now()

// cpuTime is the time that has passed, where the system is not asked for more.
func cpuTime() time.Duration { return time.Since(started) }
