// Package wire is what the two sides of a script worker have in common: the frames that they exchange
// over its pipes, the limits that both hold a script to, and the words for what ends at one.
//
// The parent is package scripts, the worker package worker. What a worker says is never trusted: it may
// be any bytes, and may come at any time.
package wire
