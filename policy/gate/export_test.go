package gate

// These are for tests of what a digest tells apart.
var (
	CallDigest = callDigest
	Digest     = digest
)
