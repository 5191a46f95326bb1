package ledger_test

import (
	"testing"

	"vpsops/policy/ledger"
)

func TestFileSystemsOfOtherMachinesAreKnown(t *testing.T) {
	// Numbers from statfs(2).
	for magic, network := range map[uint32]bool{
		0x6969: true, 0xff534d42: true, 0x517b: true, 0xfe534d42: true, 0x65735546: true, 0x01021997: true,
		0xef53: false, 0x58465342: false, 0x9123683e: false, 0x01021994: false, 0x794c7630: false,
	} {
		if got := ledger.NetworkKind(magic); (got != "") != network {
			t.Errorf("%#x is %q", magic, got)
		}
	}
}
