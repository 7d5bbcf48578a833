// Package scripts runs authors' scripts in worker processes. A Pool starts the same binary again
// as workers that have nothing but stdin and stdout, sends each call to the worker that keeps its
// owner's state, and kills a worker that outlives its limits; WorkerMain is what such a process
// runs, and the only place where JavaScript is executed.
//
// The owners of a worker take turns, call by call, and who waits too long for a turn is told that
// scripts are busy. An owner whose call had to be stopped runs apart for a while, in a worker for
// all such owners.
//
// A call is one frame to the worker and one back. Whatever the script does, the caller gets a
// result or an *integrations.ScriptError within the time limit and half a second.
package scripts
