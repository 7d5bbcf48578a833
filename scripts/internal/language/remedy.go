package language

import (
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
)

// Remedy tells the author what to do about a failure, where that is known. What an error says is
// the script's own affair, so a remedy is never more than a hint.
func Remedy(e *integrations.ScriptError) string {
	if name, ok := strings.CutSuffix(e.Message, " is not defined"); ok && e.Name == "ReferenceError" {
		return undefinedRemedy(name)
	}
	if e.Name == "" && strings.HasSuffix(e.Message, "(SCRIPT_WALL_TIME)") {
		return slowCalls
	}
	for _, r := range remedies {
		if r.name == e.Name && strings.HasPrefix(e.Message, r.message) {
			return r.text
		}
	}
	return ""
}

const (
	whatIsThere = "Scripts have HTTP(), fetch(), Store, console, _, s, moment, URL, Buffer, crypto, setTimeout and the language's own built-ins."
	calling     = "Call other services with await fetch(url, options), or with HTTP(method, url, options), which does not need await."
	noWorkspace = "Scripts do not reach into the workspace: return { content: { text: … } } to post, and ask the REST API with fetch() for anything else."
	noBrowser   = "Scripts run on the server, without a browser's page. " + whatIsThere
	noModules   = "Scripts are one file and load no modules. " + whatIsThere
	noContent   = "The body is in request.content (parsed) and request.content_raw (text). Unless it was JSON or a form, request.content is undefined."
	noAnswer    = "The answer had no body that could be read as JSON. response.content_raw is its text, response.status_code its status."
	slowCalls   = "Give the calls a timeout, and make those that do not need each other at the same time, with Promise.all."
	oneAsClass  = "Write the set as one class, with the flag u in place of v."
)

// undefinedRemedies are for names that scripts know from elsewhere.
var undefinedRemedies = []struct {
	names wordList
	text  string
}{
	{"require module exports __dirname __filename", noModules},
	{"process", "Scripts see no environment. Put secrets into the script itself or into the URL that calls it."},
	{"window document navigator location localStorage sessionStorage alert", noBrowser},
	{"$ jQuery XMLHttpRequest axios request got", calling},
	{"Livechat LivechatRooms RocketChat Meteor Rooms Users Messages models getUser getRoom sendMessage Npm", noWorkspace},
}

func undefinedRemedy(name string) string {
	for _, r := range undefinedRemedies {
		if r.names.has(name) {
			return r.text
		}
	}
	return "Declare it with const " + Shorten(name, LongestName) + " = … before it is used, or correct its spelling."
}

// remedies are for messages that begin so.
var remedies = []struct{ name, message, text string }{
	{"SyntaxError", "Cannot use import statement outside a module", noModules},
	{"SyntaxError", "Cannot use 'import.meta' outside a module", noModules},
	{"SyntaxError", "import() is not supported", noModules},
	{"SyntaxError", "Unexpected token 'export'", "Export the class with export default class Script { … }, or leave the word out: the class is found by its name."},
	{"SyntaxError", "await is only valid in async functions", "Put async in front of the method: async process_incoming_request({ request }) { … }."},
	{"SyntaxError", "Illegal return statement", "return belongs in a method of the class Script. Is there a brace too many above?"},
	{"SyntaxError", "Unexpected end of input", "A brace, bracket or parenthesis is open at the end of the text."},
	{"SyntaxError", "Invalid destructuring binding target", "Of { a: [b = 1] = [] } one default has to go: write { a: [b] = [] }, and give b its own below."},
	{"SyntaxError", "the regular expression flag d ", "Without the flag, match.index tells where the match begins."},
	{"SyntaxError", "set notation of the regular expression flag", oneAsClass},
	{"SyntaxError", "a negated class together with the regular expression flag", oneAsClass},
	{"SyntaxError", "the property ", `General categories, scripts and the common properties are there: \p{L}, \p{Lu}, \p{Script=Greek}, \p{Alphabetic}, \p{Emoji}.`},
	{"TypeError", "Assignment to constant variable", "Declare it with let in place of const."},
	{"TypeError", "Class constructor ", "Put new in front."},
	{"RangeError", "Maximum call stack size exceeded", "A function calls itself without end."},
	{"", "the promise never settled", "Something is awaited that nothing resolves. A Promise made by hand has to call its resolve."},
	{"", "the script defines no class named Script", "Declare class Script { … } at the top level of the text, or export it with module.exports = Script."},
	{"", "stopped after ", "Look for a loop that does not end, or a regular expression with one repetition inside another."},
	{"", "used more than ", "Look for a list or a text that grows in a loop."},
}

// Reading takes apart what V8 says where a property of undefined or null was read.
func Reading(message string) (value, property string, ok bool) {
	text, ok := strings.CutPrefix(message, "Cannot read properties of ")
	value, rest, found := strings.Cut(text, " (reading '")
	property, closed := strings.CutSuffix(rest, "')")
	return value, property, ok && found && closed && (value == "undefined" || value == "null")
}

// Unreadable is the remedy for an object that is undefined or null, with what was read of it: .name
// or [key].
func Unreadable(object, value, read string) string {
	switch object {
	case "":
		return ""
	case "request.content", "request.body":
		return noContent
	case "response.content":
		return noAnswer
	}
	object = Shorten(object, LongestName)
	return object + " is " + value + " here. Test it first, or write " + object + "?." + Shorten(strings.TrimPrefix(read, "."), LongestName) + "."
}
