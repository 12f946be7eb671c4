package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// fileSuffix is the suffix of a variable that names a file with a secret.
const fileSuffix = "_FILE"

// checkNames returns an error if the source has a setting that does not exist. The environment also has variables of
// other programs, so an unknown name in the environment is an error only if it resembles a setting.
func (source Source) checkNames() error {
	known := names()
	for _, name := range slices.Sorted(maps.Keys(source.Values)) {
		if slices.Contains(known, name) {
			continue
		}
		if meant := nearest(name, known); meant != "" {
			return fmt.Errorf("unknown setting %s (%s), did you mean %s?", name, source.Name, meant)
		}
		if source.Name == dotenv {
			return fmt.Errorf("unknown setting %s (%s): `bookplate config` lists all settings", name, source.Name)
		}
	}
	return nil
}

// names returns the names of all variables that can be set.
func names() []string {
	var all []string
	for _, s := range settings {
		all = append(all, s.name)
		if s.kind != plain {
			all = append(all, s.name+fileSuffix)
		}
	}
	return all
}

// nearest returns the known name that a misspelled name probably means, or an empty string. A long name may have up to
// two mistakes. A name as short as PORT may differ only in case, because it resembles too many variables of other
// programs.
func nearest(name string, known []string) string {
	for _, k := range known {
		mistakes := levenshtein.ComputeDistance(strings.ToUpper(name), k)
		if mistakes <= 2 && len(k) >= 8 || mistakes == 1 && len(k) >= 6 || mistakes == 0 {
			return k
		}
	}
	return ""
}
