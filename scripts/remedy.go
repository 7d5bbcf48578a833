package scripts

import (
	"regexp"
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
)

// remedy tells the author what to do about a failure, where that is known. What an error says is
// the script's own affair, so a remedy is never more than a hint.
func remedy(e *integrations.ScriptError, source string) string {
	for _, r := range remedies {
		if r.name != "" && r.name != e.Name {
			continue
		}
		if found := r.message.FindStringSubmatch(e.Message); found != nil {
			return strings.ReplaceAll(r.text, "NAME", found[len(found)-1])
		}
	}
	if member := unreadable.FindStringSubmatch(e.Message); member != nil && e.Name == "TypeError" {
		return unreadableRemedy(member[1], member[2], before(source, e.Line, e.Column))
	}
	return ""
}

var (
	unreadable = regexp.MustCompile(`^Cannot (?:read|set) properties of (undefined|null) \((?:reading|setting) '(.*)'\)$`)
	lastPath   = regexp.MustCompile(`[\pL_$][\pL\pN_$]*(?:\.[\pL_$][\pL\pN_$]*|\[\d+\])*\.$`)
)

// unreadableRemedy is for what has no members, written in front of the one that was asked for.
func unreadableRemedy(value, member, text string) string {
	path := strings.TrimSuffix(lastPath.FindString(text), ".")
	switch {
	case path == "":
		return ""
	case path == "request.content" || path == "request.body":
		return noContent
	case path == "response.content":
		return "The answer had no body that could be read as JSON. response.content_raw is its text, response.status_code its status."
	}
	return shorten(path, longestName) + " is " + value + " here. Test it first, or write " + shorten(path, longestName) + "?." + shorten(member, longestName) + "."
}

// before is what stands in front of a place, in its line.
func before(source string, line, column int) string {
	if line < 1 {
		return ""
	}
	text := []rune(lineOf(source, line))
	return string(text[:min(max(column-1, 0), len(text))])
}

const (
	whatIsThere = "Scripts have HTTP(), fetch(), Store, console, _, s, moment, URL, atob, btoa, TextEncoder, setTimeout and the language's own built-ins."
	calling     = "Call other services with await fetch(url, options), or with HTTP(method, url, options), which does not need await."
	noWorkspace = "Scripts do not reach into the workspace: return { content: { text: … } } to post, and ask the REST API with fetch() for anything else."
	noBrowser   = "Scripts run on the server, without a browser's page. " + whatIsThere
	noModules   = "Scripts are one file and load no modules. " + whatIsThere
	noContent   = "The body is in request.content (parsed) and request.content_raw (text). Unless it was JSON or a form, request.content is undefined."
)

// remedies are looked through in order. NAME stands for what the last group matched.
var remedies = []struct {
	name    string
	message *regexp.Regexp
	text    string
}{
	{"ReferenceError", regexp.MustCompile(`^(require|module|exports|__dirname|__filename) is not defined$`), noModules},
	{"SyntaxError", regexp.MustCompile(`^(Cannot use import statement outside a module|Cannot use 'import\.meta' outside a module|import\(\) is not supported)$`), noModules},
	{"SyntaxError", regexp.MustCompile(`^Unexpected token 'export'$`), "Export the class with export default class Script { … }, or leave the word out: the class is found by its name."},
	{"SyntaxError", regexp.MustCompile(`^await is only valid in async functions`), "Put async in front of the method: async process_incoming_request({ request }) { … }."},
	{"SyntaxError", regexp.MustCompile(`^Illegal return statement$`), "return belongs in a method of the class Script. Is there a brace too many above?"},
	{"SyntaxError", regexp.MustCompile(`^Unexpected end of input$`), "A brace, bracket or parenthesis is open at the end of the text."},
	{"SyntaxError", regexp.MustCompile(`^the regular expression flag d `), "Without the flag, match.index tells where the match begins."},
	{"SyntaxError", regexp.MustCompile(`^(set notation of|a negated class together with) the regular expression flag`), "Write the set as one class, with the flag u in place of v."},
	{"SyntaxError", regexp.MustCompile(`^the property \\p\{(.*)\} of regular expressions`), "General categories, scripts and the common properties are there: \\p{L}, \\p{Lu}, \\p{Script=Greek}, \\p{Alphabetic}, \\p{Emoji}."},
	{"ReferenceError", regexp.MustCompile(`^process is not defined$`), "Scripts see no environment. Put secrets into the script itself or into the URL that calls it."},
	{"ReferenceError", regexp.MustCompile(`^Buffer is not defined$`), "Use btoa() and atob() for base64, and TextEncoder for bytes."},
	{"ReferenceError", regexp.MustCompile(`^(window|document|navigator|location|localStorage|sessionStorage|alert) is not defined$`), noBrowser},
	{"ReferenceError", regexp.MustCompile(`^(\$|jQuery|XMLHttpRequest|axios|request|got) is not defined$`), calling},
	{"ReferenceError", regexp.MustCompile(`^(Livechat|LivechatRooms|RocketChat|Meteor|Rooms|Users|Messages|models|getUser|getRoom|sendMessage|Npm|Promise\.await) is not defined$`), noWorkspace},
	{"ReferenceError", regexp.MustCompile(`^setInterval is not defined$`), "A call ends when its method has answered, so nothing can go on at intervals. setTimeout is there."},
	{"ReferenceError", regexp.MustCompile(`^Script is not defined$`), "Declare class Script { … } at the top level of the text."},
	{"ReferenceError", regexp.MustCompile(`^(.+) is not defined$`), "Declare it with const NAME = … before it is used, or correct its spelling."},
	{"TypeError", regexp.MustCompile(`^Assignment to constant variable`), "Declare it with let in place of const."},
	{"TypeError", regexp.MustCompile(`^Class constructor .* cannot be invoked without 'new'`), "Put new in front."},
	{"RangeError", regexp.MustCompile(`^Maximum call stack size exceeded$`), "A function calls itself without end."},
	{"", regexp.MustCompile(`^the promise never settled$`), "Something is awaited that nothing resolves. A Promise made by hand has to call its resolve."},
	{"", regexp.MustCompile(`^the script defines no class named Script$`), "Declare class Script { … } at the top level of the text, or export it with module.exports = Script."},
	{"", regexp.MustCompile(`^stopped after .*SCRIPT_TIMEOUT`), "Look for a loop that does not end, or a regular expression with one repetition inside another."},
	{"", regexp.MustCompile(`^used more than .*SCRIPT_MEMORY`), "Look for a list or a text that grows in a loop."},
}
