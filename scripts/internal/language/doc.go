// Package language knows the text of scripts: it compiles what an author wrote into what the engine
// runs, tells what a script keeps, needs and reads, and finds the author's places again when something
// fails. Nothing here runs a script.
package language
