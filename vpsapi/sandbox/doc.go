// Package sandbox is the VPS.org API simulated.
package sandbox
