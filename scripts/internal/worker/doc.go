// Package worker is the inside of a script worker: the process that compiles, loads and runs what
// authors wrote, confined to what it needs for that, and the JavaScript world that a script finds.
//
// Main answers frames one after the other. A worker keeps a realm per script, a world of its own in which
// nothing of another's can be seen; a monitor watches the run that is under way. A realm begins as goja
// makes it, is mended where that differs from V8 (mend*.go), and gets what scripts of Rocket.Chat
// find besides (globals.go and what it installs). Values that come from outside are built by the builder,
// never by the author's code.
package worker
