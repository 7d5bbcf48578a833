package wire

import "testing"

func TestLimitsTravel(t *testing.T) {
	want := Limits{Timeout: 1, Memory: 2, ResultSize: 3, LogSize: 4, SourceSize: 5, WallTime: 6, MaxCalls: 7, Wait: DefaultLimits().Wait} // Wait stays here
	if got := DecodeLimits(want.Encode()); got != want {
		t.Errorf("DecodeLimits(Encode) = %+v, want %+v", got, want)
	}
	if got := DecodeLimits(nil); got != DefaultLimits() {
		t.Errorf("no limits = %+v, want the default", got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{64 << 20: "64 MB", 512 << 10: "512 KB", 1500: "1500 bytes", 0: "0 bytes"} {
		if got := SizeText(n); got != want {
			t.Errorf("SizeText(%d) = %s, want %s", n, got, want)
		}
	}
}
