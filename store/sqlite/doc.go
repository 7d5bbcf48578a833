// Package sqlite keeps it all in one SQLite file. One goroutine writes: it gathers the writes that
// wait and commits them together, so that many callers share one flush to disk, and a caller is
// answered only after that flush. Readers have connections of their own and never wait for it.
//
// A record is a JSON document; the columns beside it are what queries look for and sort by. Times
// stand in columns as milliseconds since 1970.
package sqlite
