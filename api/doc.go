// Package api serves the HTTP API that openapi.yaml describes: Rocket.Chat's integrations API, its
// hooks and the calls that clients make around them. It holds the shapes of JSON documents and is
// the one place that knows statuses and error texts; what is decided is decided below it.
package api
