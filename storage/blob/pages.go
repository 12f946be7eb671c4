package blob

import "iter"

// PageSize is the largest number of blobs in a page of a list. S3 returns at most this many at once. They take about
// 100 KB.
const PageSize = 1000

// Pages returns a list that reads one page at a time. Its argument page returns the next blobs whose names come after a
// given name, sorted by name. It returns PageSize blobs, or fewer if there are no more.
//
// Between two pages no request is open, so a slow caller causes no timeout. Pages skips invalid keys.
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
