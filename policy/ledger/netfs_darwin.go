package ledger

import "syscall"

// networkFS goes by what the system says of the mount: MNT_LOCAL (mount.h).
func networkFS(path string) (string, error) {
	const local = 0x1000
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return "", err
	}
	if s.Flags&local != 0 {
		return "", nil
	}
	var name []byte
	for _, b := range s.Fstypename {
		if b == 0 {
			break
		}
		name = append(name, byte(b))
	}
	return string(name), nil
}
