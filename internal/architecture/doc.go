// Package architecture has no code of the program. Its test keeps the walls
// between the other packages: which may import which, and which may name the
// types that change servers and that vote. walls_test.go lists them, each with
// what to do instead.
package architecture
