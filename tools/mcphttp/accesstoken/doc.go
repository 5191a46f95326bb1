// Package accesstoken checks the access tokens of an OAuth authorization
// server: JWTs (RFC 9068), signed with a key that the server publishes, made
// for this program and good now.
package accesstoken
