package models

import "testing"

func TestKeysOfNames(t *testing.T) {
	for _, same := range [][2]string{
		{"Victim", "victim"},
		{"Zoe\u0308", "zo\u00eb"},                   // decomposed and composed
		{"\uff41\uff44\uff41", "ada"},               // full width
		{"Ada Lovelace\u0301", "ada lovelac\u00e9"}, // the profile does not allow spaces
	} {
		if a, b := UsernameKey(same[0]), UsernameKey(same[1]); a != b {
			t.Errorf("%q and %q have the keys %q and %q, want one", same[0], same[1], a, b)
		}
	}
	if a, b := EmailKey(" Zoe\u0308@example.com"), EmailKey("zo\u00eb@Example.com"); a != b {
		t.Errorf("the keys are %q and %q, want one", a, b)
	}
}

func TestInvisibleCharacters(t *testing.T) {
	for _, name := range []string{"vic\u200btim", "\u202evictim", "vic\u2066tim", "vic\u00adtim", "vic\u200dtim", "vic\u2028tim", "vic\ttim"} {
		if CheckUsername(name, "") == nil {
			t.Errorf("the user name %q is accepted", name)
		}
		if CheckEmail(name+"@example.com") == nil {
			t.Errorf("the address %q@example.com is accepted", name)
		}
		if NamePolicy(2).Check("Ada "+name) == nil || CheckNamePart(name) == nil {
			t.Errorf("the name %q is accepted", name)
		}
	}
	for _, name := range []string{"Ada Lovelace", "علی\u200cرضا حسینی", "Émile Zola", "김 민준"} {
		if err := NamePolicy(2).Check(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
