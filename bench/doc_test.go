// Package bench measures the whole program from outside, beside a bare server
// of the same protocol library. docs/BENCH.md has the figures and how to repeat
// them.
package bench
