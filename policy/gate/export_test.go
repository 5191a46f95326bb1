package gate

// CallDigest is for tests of what a digest tells apart.
var CallDigest = callDigest
