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

// builtVersion is the version of the binary, set as in a release build.
const builtVersion = "9.8.7-test"

// binary is the path of the built server.
var binary string

var seedFlag = flag.Uint64("seed", 0, "the seed of the tests' random choices; 0 generates one")

func TestMain(m *testing.M) {
	// The tests mostly wait for processes, so more of them run at once than there are processors.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "bookplate-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)                      //nolint:errcheck // the system cleans its temporary folder
	binary = filepath.Join(folder, "bookplate.exe") // Windows needs the suffix
	// The binary is built as for a release: without a C compiler, and without the race detector even if the tests run
	// with it.
	build := exec.Command("go", "build", "-race=false", "-ldflags", "-X main.version="+builtVersion, "-o", binary, "bookplate")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the server: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// newSeed returns the seed of a test's random choices and logs how to repeat them.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat these choices: go test ./tests -run '^%s$' -seed %d", t.Name(), seed)
	return seed
}
