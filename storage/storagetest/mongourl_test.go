package storagetest

import "testing"

func TestWithDatabase(t *testing.T) {
	for _, test := range []struct{ url, want string }{
		{"mongodb://localhost:27017", "mongodb://localhost:27017/bookplate_x?"},
		{"mongodb://localhost:27017/", "mongodb://localhost:27017/bookplate_x?"},
		{"mongodb://a:1,b:2/test?replicaSet=rs0", "mongodb://a:1,b:2/test_x?replicaSet=rs0"},
		{"mongodb://ada:pass@localhost", "mongodb://ada:pass@localhost/bookplate_x?authSource=admin"},
		{"mongodb://ada:pass@localhost/test?tls=true", "mongodb://ada:pass@localhost/test_x?tls=true&authSource=test"},
		{"mongodb://ada:pass@localhost/?authsource=here", "mongodb://ada:pass@localhost/bookplate_x?authsource=here"},
		{"mongodb+srv://ada:pass@example.com/?w=1", "mongodb+srv://ada:pass@example.com/bookplate_x?w=1&authSource=admin"},
	} {
		if got, _ := withDatabase(test.url, "x"); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.url, got, test.want)
		}
	}
}

func TestMongoURLIsUnique(t *testing.T) {
	if first, second := MongoURL(t), MongoURL(t); first == second {
		t.Errorf("two calls returned %s", first)
	}
}
