// Package v8words words what fails in a script as V8 does: authors search the web for those words.
//
// The engine says less than V8 where a property of nothing is read, where what is called is no function,
// and the like. So the compiled text is read again, and the scene of the failure found in it: what stands
// at the place that the engine gives.
package v8words
