package scripts

// absentNames are names that scripts expect from elsewhere, with what to do without them.
var absentNames = map[string]string{
	"require":           "Nothing can be loaded. _, s, moment and URL are there as globals; put other code into the script.",
	"process":           "A script sees neither the process nor its environment; write the value into the script.",
	"Buffer":            "Use atob and btoa for Base64, and TextEncoder and TextDecoder for bytes.",
	"__dirname":         "A script sees no files.",
	"__filename":        "A script sees no files.",
	"setImmediate":      "Use setTimeout(f, 0) or await.",
	"window":            "This is no browser. The global object is globalThis.",
	"document":          "This is no browser.",
	"navigator":         "This is no browser.",
	"localStorage":      "Use Store.get and Store.set, or keep the value in a field of the class.",
	"alert":             "Use console.log; what it prints stands beside the integration's latest run.",
	"XMLHttpRequest":    "Use fetch or HTTP.",
	"axios":             "Use fetch or HTTP.",
	"request":           "It is a member of the method's argument: write process_incoming_request({ request }).",
	"response":          "It is a member of the method's argument: write process_outgoing_response({ request, response }).",
	"jQuery":            "This is no browser.",
	"Meteor":            noModels,
	"RocketChat":        noModels,
	"Livechat":          noModels,
	"LivechatRooms":     noModels,
	"Rooms":             noModels,
	"Users":             noModels,
	"Messages":          noModels,
	"Subscriptions":     noModels,
	"Settings":          noModels,
	"Models":            noModels,
	"Npm":               "Nothing can be loaded; put the code into the script.",
	"Package":           "Nothing can be loaded; put the code into the script.",
	"Fiber":             "Methods may be async; await what takes time.",
	"WebAssembly":       "It is not there.",
	"SharedArrayBuffer": "It is not there: a script has one thread.",
	"Atomics":           "It is not there: a script has one thread.",
}

const noModels = "Scripts have never officially had the server's own objects, and here they are not reachable. Ask the REST API through fetch or HTTP."
