package guest

import (
	"reflect"
	"testing"
)

// Words are split by the shell's rules, without expansion.
func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		``:                               nil,
		`  a  b `:                        {"a", "b"},
		`-c 'x y' z`:                     {"-c", "x y", "z"},
		`'it'\''s'`:                      {"it's"},
		`"a \"b\" \$c \d ` + "`" + `" e`: {"a \"b\" $c \\d `", "e"},
		`a\ b`:                           {"a b"},
		`'' ""`:                          {"", ""},
		`'$x * ~'`:                       {"$x * ~"},
		`$x *`:                           {"$x", "*"},
		"'a\nb'":                         {"a\nb"},
		"a\\\nb":                         {"ab"},
		"\"a\\\nb\"":                     {"ab"},
		`a"b"'c'd`:                       {"abcd"},
	} {
		got, err := SplitWords(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v instead of %q", text, got, err, want)
		}
	}
	for _, text := range []string{`'a`, `"a`, `a\`, `"a\"`} {
		if got, err := SplitWords(text); err == nil {
			t.Errorf("%q: %q instead of an error", text, got)
		}
	}
}
