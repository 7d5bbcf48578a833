// Package integrations is what an integration is and does. A Service creates and manages the
// records and receives what others post to a hook; an Index finds the integrations that an event
// concerns and plans their deliveries; a delivery says what is to be called and what came of it.
package integrations
