// Package scripts runs authors' scripts in worker processes. A Pool starts the same binary again
// as workers that have nothing but stdin and stdout, sends each call to a worker, and kills a worker
// that outlives its limits; WorkerMain is what such a process runs, and the only place where
// JavaScript is executed.
//
// As many scripts run at once as there are cores, and their owners take turns. What a script keeps
// between calls lives in one worker, its owner's home; a script that keeps nothing runs anywhere. A
// run that takes long gives its turn back and goes on at low priority, and a script that was stopped
// several times in a row is not run for a while.
//
// A call is one frame to the worker and one back. In between a script may ask for calls to the
// outside, which the parent makes. Whatever the script does, the caller gets a result or an
// *integrations.ScriptError within the time limit and half a second; with calls out, within the wall
// time and half a second.
//
// Here is the parent's side. The worker's is internal/worker, which internal/confine shuts in; what both
// have in common is internal/wire.
package scripts
