package worker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// mostFindings keeps a report readable, and small enough for its frame.
const mostFindings = 100

var scriptMethods = []integrations.ScriptMethod{
	integrations.ProcessIncomingRequest, integrations.PrepareOutgoingRequest, integrations.ProcessOutgoingResponse,
}

// inspect reads the script and then loads it into the realm, which must be a fresh one: what a
// script misses is what this realm does not have.
func (r *realm) inspect(source string, strict bool) wire.Report {
	text, fault := compile(source, strict)
	if fault != nil {
		return wire.Report{Findings: []wire.Finding{FaultFinding(fault, source)}}
	}
	i := &inspection{realm: r, source: source, strict: strict}
	i.places = language.PlacesOf(text)
	own, _ := language.CutMap(text)
	program, err := language.Parse(own)
	if err != nil {
		return wire.Report{Findings: []wire.Finding{FaultFinding(i.places.Fault(err), source)}}
	}
	i.program = program
	i.read()
	learned := language.TraitsOf(text)
	report := wire.Report{Stateless: learned.Stateless, Store: i.uses["Store"], Lowered: learned.Mapped, Findings: i.findings}
	report.Calls = i.uses["HTTP"] || i.uses["fetch"] || i.uses["serverFetch"]
	r.tryLoading(text, source, &report)
	report.Findings = inOrder(report.Findings)
	return report
}

// tryLoading evaluates the script and looks for the methods that the instance has.
func (r *realm) tryLoading(text, source string, report *wire.Report) {
	if fault := r.evaluate(text); fault != nil {
		if !tells(report, fault) {
			report.Findings = append(report.Findings, FaultFinding(fault, source))
		}
		return
	}
	for _, name := range scriptMethods {
		method, err := r.method(name)
		if err != nil {
			report.Findings = append(report.Findings, FaultFinding(r.failure(integrations.PhaseEvaluate, err), source))
		}
		if method != nil {
			report.Methods = append(report.Methods, name)
		}
	}
	if len(report.Methods) == 0 {
		report.Findings = append(report.Findings, wire.Finding{
			Level: wire.Doubt, Text: "the class Script has none of the methods that the server calls",
			Remedy: "They are process_incoming_request, prepare_outgoing_request and process_outgoing_response.",
		})
	}
}

// tells reports whether the reading has found what the load failed at. Then it is no mere doubt.
func tells(r *wire.Report, fault *integrations.ScriptError) bool {
	n := slices.IndexFunc(r.Findings, func(f wire.Finding) bool {
		return f.Level != wire.Note && f.Line == fault.Line && f.Text == fault.Message
	})
	if n >= 0 {
		r.Findings[n].Level = wire.Fault
	}
	return n >= 0
}

// inOrder sorts findings by place.
func inOrder(list []wire.Finding) []wire.Finding {
	slices.SortStableFunc(list, func(a, b wire.Finding) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	if len(list) > mostFindings {
		more := len(list) - mostFindings
		list = append(list[:mostFindings:mostFindings], wire.Finding{Level: wire.Note, Text: fmt.Sprintf("and %d findings more", more)})
	}
	return list
}

// elsewhere are names that scripts know from other places: a script that needs one does not run.
var elsewhere = setOf("require", "process", "__dirname", "__filename", "window", "document", "navigator", "location", "localStorage",
	"sessionStorage", "alert", "XMLHttpRequest", "jQuery", "axios", "got", "Meteor", "RocketChat", "Livechat", "LivechatRooms", "Rooms",
	"Users", "Messages", "Subscriptions", "Settings", "Models", "Npm", "Package", "Fiber", "WebAssembly", "SharedArrayBuffer", "Atomics")

// inspection is one reading of a program.
type inspection struct {
	realm    *realm
	places   *language.Places // of the compiled text
	source   string
	strict   bool
	program  *ast.Program
	findings []wire.Finding

	walker   *language.Walker
	known    map[string]bool // names that the realm has
	declared map[string]bool // names that compiling declared
	passed   map[*ast.Identifier]bool
	told     map[string]bool
	uses     map[string]bool // globals by name
}

func (i *inspection) read() {
	i.passed, i.told, i.uses = map[*ast.Identifier]bool{}, map[string]bool{}, map[string]bool{}
	i.known = setOf(i.realm.runtime.GlobalObject().GetOwnPropertyNames()...)
	i.declared = i.declaredByUs()
	i.walker = &language.Walker{Found: make(map[string]bool), Visit: i.visit}
	i.walker.Scope = i.walker.Inner("arguments")
	list := i.program.Body
	if i.declared != nil {
		list = list[1:]
		i.known["module"], i.known["exports"] = true, true // the first line has them where they are used
	}
	i.walker.Body(list, i.variables())
}

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// declaredByUs are the names that the compiled text's first line declares because the author does not.
func (i *inspection) declaredByUs() map[string]bool {
	if len(i.program.Body) == 0 {
		return nil
	}
	first, ok := i.program.Body[0].(*ast.VariableStatement)
	if !ok || !i.isOurs(first.Var) {
		return nil
	}
	names := map[string]bool{}
	for _, binding := range first.List {
		if binding.Initializer != nil { // module and exports
			continue
		}
		for _, name := range language.TargetNames(binding.Target) {
			names[name] = true
		}
	}
	return names
}

// variables are the program's own, without those that compiling declared.
func (i *inspection) variables() []*ast.VariableDeclaration {
	var list []*ast.VariableDeclaration
	for _, d := range i.program.DeclarationList {
		if !i.isOurs(d.Var) {
			list = append(list, d)
		}
	}
	return list
}

// isOurs reports whether a place is in the line that compiling puts above the author's.
func (i *inspection) isOurs(at file.Idx) bool { return i.position(at).Line <= language.HeaderLines }

func (i *inspection) position(at file.Idx) file.Position {
	return i.program.File.Position(int(at) - i.program.File.Base())
}

// visit looks at a node before the walk goes on with its parts.
func (i *inspection) visit(node ast.Node) {
	switch n := node.(type) {
	case *ast.LabelledStatement:
		i.passed[n.Label] = true
	case *ast.BranchStatement:
		i.passed[n.Label] = true
	case *ast.MetaProperty:
		i.passed[n.Meta], i.passed[n.Property] = true, true
	case *ast.UnaryExpression:
		if name, ok := n.Operand.(*ast.Identifier); ok && n.Operator == token.TYPEOF {
			i.passed[name] = true // whoever asks is ready for the answer
		}
	case *ast.PropertyShort:
		i.name(n.Name.Name.String(), n.Name.Idx)
	case *ast.Identifier:
		if !i.passed[n] {
			i.name(n.Name.String(), n.Idx)
		}
	case *ast.AssignExpression:
		i.assigned(n)
	case *ast.DotExpression:
		i.member(n)
	case *ast.RegExpLiteral:
		i.expression(n.Pattern, n.Flags, n.Idx)
	case *ast.CallExpression:
		i.call(n.Callee, n.ArgumentList)
	case *ast.NewExpression:
		i.call(n.Callee, n.ArgumentList)
	case *ast.ClassLiteral:
		i.class(n)
	case *ast.FunctionLiteral:
		i.unreachable(n.Body.List)
	case *ast.BlockStatement:
		i.unreachable(n.List)
	}
}

// name looks at a name that is used.
func (i *inspection) name(name string, at file.Idx) {
	if i.walker.Scope.Has(name) {
		return
	}
	switch {
	case i.known[name]:
		i.uses[name] = true
	case i.declared[name]:
		i.tell(wire.Finding{
			Level: wire.Note, Text: name + " is assigned and nowhere declared",
			Remedy: "It works, as one variable for all calls. With let or const each call has its own.",
		}, "name "+name, at)
	case i.walker.Found[name]: // strict, and told by assigned
	default:
		i.missing(name, at)
	}
}

func (i *inspection) missing(name string, at file.Idx) {
	f := wire.Finding{Level: wire.Doubt, Text: name + " is not defined"}
	if elsewhere[name] {
		f.Level = wire.Fault
	}
	f.Remedy = language.Remedy(&integrations.ScriptError{Name: "ReferenceError", Message: f.Text})
	i.tell(f, "name "+name, at)
}

// assigned looks at what a strict script would throw for. It also keeps from finding fault with
// members that the script adds to a built-in itself.
func (i *inspection) assigned(n *ast.AssignExpression) {
	if dot, ok := n.Left.(*ast.DotExpression); ok {
		i.told[memberKey(dot)] = true
	}
	if !i.strict {
		return
	}
	for _, name := range language.TargetNames(n.Left) {
		if !i.walker.Scope.Has(name) && !i.known[name] {
			i.walker.Found[name] = true
			i.tell(wire.Finding{
				Level: wire.Fault, Text: name + " is assigned and nowhere declared, which a strict class body forbids",
				Remedy: "Declare it with let or const, or save the integration without skipTranspile.",
			}, "name "+name, n.Left.Idx0())
		}
	}
}

// member looks at Global.member, for globals that the script has not declared itself.
func (i *inspection) member(n *ast.DotExpression) {
	global, ok := n.Left.(*ast.Identifier)
	if !ok {
		return
	}
	owner, name := global.Name.String(), n.Identifier.Name.String()
	if i.walker.Scope.Has(owner) || !i.known[owner] || owner == "global" || owner == "globalThis" {
		return
	}
	there := true
	_ = i.realm.attempt(func() {
		if object, ok := i.realm.runtime.GlobalObject().Get(owner).(*goja.Object); ok {
			there = object.Get(name) != nil
		}
	})
	if there {
		return
	}
	f := wire.Finding{Level: wire.Doubt, Text: owner + "." + name + " is not there"}
	if owner == "HTTP" {
		f.Remedy = "HTTP is a function: HTTP('GET', url, { headers, params, data, auth, timeout })."
	}
	i.tell(f, memberKey(n), n.Identifier.Idx)
}

func memberKey(n *ast.DotExpression) string {
	global, ok := n.Left.(*ast.Identifier)
	if !ok {
		return ""
	}
	return "member " + global.Name.String() + "." + n.Identifier.Name.String()
}

// call looks at calls whose literal arguments tell something.
func (i *inspection) call(callee ast.Expression, arguments []ast.Expression) {
	switch c := callee.(type) {
	case *ast.Identifier:
		if c.Name.String() == "RegExp" && len(arguments) > 0 {
			pattern, _ := arguments[0].(*ast.StringLiteral)
			flags := ""
			if len(arguments) > 1 {
				if literal, ok := arguments[1].(*ast.StringLiteral); ok {
					flags = literal.Value.String()
				}
			}
			if pattern != nil {
				i.expression(pattern.Value.String(), flags, pattern.Idx)
			}
		}
	case *ast.DotExpression:
		if strings.HasPrefix(c.Identifier.Name.String(), "toLocale") && len(arguments) > 0 {
			if locale, ok := arguments[0].(*ast.StringLiteral); ok {
				i.locale(locale.Value.String(), locale.Idx)
			}
		}
		if intl, ok := c.Left.(*ast.Identifier); ok && intl.Name.String() == "Intl" && len(arguments) > 0 {
			if locale, ok := arguments[0].(*ast.StringLiteral); ok {
				i.locale(locale.Value.String(), locale.Idx)
			}
		}
	}
}

// expression asks the engine whether it takes a regular expression.
func (i *inspection) expression(pattern, flags string, at file.Idx) {
	modern, modernFlags, err := language.ModernPattern(pattern, flags)
	if err == nil {
		r := i.realm
		_, err = r.runtime.New(r.builtin("RegExp"), r.runtime.ToValue(modern), r.runtime.ToValue(modernFlags))
		if err != nil { // no code of the script's has run yet
			err = r.fault(err)
		}
	}
	if err != nil {
		e := &integrations.ScriptError{Name: "SyntaxError", Message: strings.TrimPrefix(err.Error(), "SyntaxError: ")}
		i.tell(wire.Finding{Level: wire.Fault, Text: e.Error(), Remedy: language.Remedy(e)}, "", at)
	}
}

// locale warns of languages whose formats are refused when the script runs.
func (i *inspection) locale(locale string, at file.Idx) {
	r := i.realm
	if err := r.attempt(func() { r.locale(r.runtime.ToValue(locale)) }); err != nil {
		i.tell(wire.Finding{Level: wire.Doubt, Text: r.fault(err).Message, Remedy: "Name one that is there, such as en-US, or format the value by hand."}, "", at)
	}
}

// tell adds a finding at a place of the compiled text. One with a key is told once.
func (i *inspection) tell(f wire.Finding, key string, at file.Idx) {
	if key != "" && i.told[key] {
		return
	}
	i.told[key] = key != ""
	position := i.position(at)
	f.Line, f.Column = i.places.Author(position.Line, position.Column)
	f.Excerpt = pointer(i.source, f.Line, f.Column)
	i.findings = append(i.findings, f)
}

func (w *worker) serveInspect(f *wire.Frame) error {
	strict, text := f.Text() != "", f.Text()
	var report wire.Report
	w.monitor.begin(nil, false)
	r := newRealm("", "", w.limits, &w.names)
	w.monitor.watch(r.runtime)
	err := guard(func() error {
		report = r.inspect(text, strict)
		return nil
	})
	took := w.monitor.end()
	if err != nil {
		return w.refuse(integrations.PhaseCompile, err, took, &kept{})
	}
	document, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return w.write.Send(wire.KindCompiled, document)
}

// FaultFinding is a script's failure as a finding. source is the author's text, of which it shows the line.
func FaultFinding(e *integrations.ScriptError, source string) wire.Finding {
	text := e.Message
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	return wire.Finding{
		Level: wire.Fault, Line: e.Line, Column: e.Column, Text: text, Excerpt: pointer(source, e.Line, e.Column),
		Remedy: cmp.Or(e.Remedy, language.Remedy(e)),
	}
}
