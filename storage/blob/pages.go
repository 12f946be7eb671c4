package blob

import "iter"

// PageSize is how many blobs a list asks its store for at once: as many as S3 has in one answer. They take some
// 100 KB.
const PageSize = 1000

// Pages is the list of a store that is asked for one page after the other. page returns the PageSize blobs, or all
// there are, whose names follow after, in their order. Each call stands for itself, so that nothing times out while the
// reader takes its time. Names that are no keys are left out.
func Pages(page func(after string) ([]Info, error)) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for after := ""; ; {
			infos, err := page(after)
			if err != nil {
				yield(Info{}, err)
				return
			}
			for _, info := range infos {
				if CheckKey(info.Key) == nil && !yield(info, nil) {
					return
				}
			}
			if len(infos) < PageSize {
				return
			}
			after = infos[len(infos)-1].Key
		}
	}
}
