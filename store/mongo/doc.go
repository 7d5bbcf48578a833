// Package mongo keeps it all in a MongoDB, in Rocket.Chat's own collections and documents where
// Rocket.Chat has them, and in collections named grapnel_… for the rest. Any number of servers share
// one database.
//
// A write changes the members that this package knows and leaves all others as they are. What is ours
// in a document of Rocket.Chat's stands in its member grapnel: the order in which records were added
// (seq), names and addresses folded so that equal means equal without regard to case, and the very
// text of JSON that the document's own members cannot hold. The unique indexes are over these folded
// members; so no collation is needed, and an index that Rocket.Chat made does not stand in the way.
// Only the login tokens carry an addition of their own, grapnelExpires, because an index over the
// elements of an array needs it there. Of a room, msgs and lastMessage stay as they are found: what
// stands in a room is counted.
//
// Only single documents change at once. What has to change together is written in an order that a
// crash cannot spoil. Deliveries come first, arriving, where no worker sees them; then the record that
// they belong to, which makes it true; then they are let go. A write that others must follow first
// notes down in grapnel_unfinished what these are. Each server looks regularly for what has been
// arriving or unfinished for long: it finishes what came true and drops the rest. As it judges by
// seeing the same twice, no clock is needed.
//
// The package reads no clock: times are passed in. The order of what is added follows these times, and
// within one server the order of the calls.
package mongo
