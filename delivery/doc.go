// Package delivery carries outgoing calls. A Worker claims what is due, sends it once and writes
// down what happened; only the store remembers what comes next, so that a restart simply goes on.
package delivery
