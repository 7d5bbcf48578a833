// Package workspace is the chat side of the server: users and their login sessions, settings,
// rooms and who is in them, messages, and the events that all of this causes. It knows nothing of
// integrations: a Dispatcher turns an event into effects, which are stored together with what
// caused them.
package workspace
