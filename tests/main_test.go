package tests

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// builtVersion is put into the binary the way a release build does it.
const builtVersion = "9.8.7-test"

// binary is the path of the server, built once for all tests.
var binary string

var seedFlag = flag.Uint64("seed", 0, "the seed of the tests' random choices; 0 makes one")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "bookplate-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)                      //nolint:errcheck // it is the system's folder for what may be left behind
	binary = filepath.Join(folder, "bookplate.exe") // Windows wants the suffix, the others do not mind
	// As for a release: without a C compiler, and without the race detector, which these tests themselves may run under.
	build := exec.Command("go", "build", "-race=false", "-ldflags", "-X main.version="+builtVersion, "-o", binary, "bookplate")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the server: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// newSeed is the seed of one test's random choices. It is printed when the test fails.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the same choices again: go test ./tests -run '^%s$' -seed %d", t.Name(), seed)
	return seed
}
