package integrations

import "testing"

func TestTraceOf(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for header, want := range map[string]string{
		"":               "",
		good:             good,
		good + "-more":   "",
		"cc" + good[2:]:  "cc" + good[2:],
		"ff" + good[2:]:  "",
		good[:54]:        "",
		good[:54] + "G":  "",
		good[:54] + "\n": "",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01":             "",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01":             "",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01":             "",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01":             "",
		"cc" + good[2:] + "-what-comes-later":                                 "cc" + good[2:],
		"cc" + good[2:] + "x":                                                 "",
		"00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01":             "",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Evil:1": "",
	} {
		if got := traceOf(header); got != want {
			t.Errorf("traceOf(%q) = %q, want %q", header, got, want)
		}
	}
}
