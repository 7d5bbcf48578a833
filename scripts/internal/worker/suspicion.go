package worker

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// class looks for the mistakes that are common in the methods of class Script.
func (i *inspection) class(c *ast.ClassLiteral) {
	if c.Name == nil || c.Name.Name.String() != "Script" {
		return
	}
	for _, element := range c.Body {
		method, ok := element.(*ast.MethodDefinition)
		if !ok || method.Computed || method.Static {
			continue
		}
		key, ok := method.Key.(*ast.StringLiteral)
		if !ok {
			continue
		}
		name := key.Value.String()
		if meant, ok := misspelt(name); ok {
			i.tell(wire.Finding{
				Level: wire.Doubt, Text: "the server never calls a method named " + name, Remedy: "Is " + string(meant) + " meant?",
			}, "", key.Idx)
			continue
		}
		if isScriptMethod(name) {
			i.parameter(name, method.Body)
			i.results(name, method.Body.Body.List)
		}
	}
}

func isScriptMethod(name string) bool {
	for _, method := range scriptMethods {
		if name == string(method) {
			return true
		}
	}
	return false
}

// misspelt tells the method that a name was likely meant to be.
func misspelt(name string) (meant integrations.ScriptMethod, ok bool) {
	if isScriptMethod(name) {
		return "", false
	}
	plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for _, method := range scriptMethods {
		if distance(plain, strings.ReplaceAll(string(method), "_", "")) <= 3 {
			return method, true
		}
	}
	return "", false
}

// distance is how many letters have to be added, removed or replaced to make one word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// requestMembers are what authors read of a request that they believe to have as the argument.
var requestMembers = setOf("content", "content_raw", "headers", "url", "data", "body", "params", "method")

// parameter warns of a method that takes its argument for the request.
func (i *inspection) parameter(name string, f *ast.FunctionLiteral) {
	if len(f.ParameterList.List) == 0 {
		return
	}
	first, ok := f.ParameterList.List[0].Target.(*ast.Identifier)
	if !ok {
		return
	}
	parameter := first.Name.String()
	misread := &language.Walker{Found: map[string]bool{}, Visit: func(node ast.Node) {
		dot, ok := node.(*ast.DotExpression)
		if !ok {
			return
		}
		left, ok := dot.Left.(*ast.Identifier)
		if ok && left.Name.String() == parameter && requestMembers[dot.Identifier.Name.String()] {
			i.tell(wire.Finding{
				Level: wire.Doubt, Text: "the argument of " + name + " is { request }, not the request: " + parameter + "." + dot.Identifier.Name.String() + " is undefined",
				Remedy: "Write " + name + "({ request }).",
			}, "parameter "+name, left.Idx)
		}
	}}
	misread.Scope = misread.Inner()
	misread.Body(f.Body.List, nil)
}

// resultMembers are what the result of each method may have.
var resultMembers = map[string]map[string]bool{
	string(integrations.ProcessIncomingRequest):  setOf("content", "error", "response", "user"),
	string(integrations.ProcessOutgoingResponse): setOf("content"),
	string(integrations.PrepareOutgoingRequest):  setOf("url", "method", "message"),
}

var resultRemedies = map[string]string{
	string(integrations.ProcessIncomingRequest):  "Return { content: { text: … } }.",
	string(integrations.ProcessOutgoingResponse): "Return { content: { text: … } }.",
	string(integrations.PrepareOutgoingRequest):  "Return { url, method, data } for a call, { message: { text: … } } for a message.",
}

// results warns of a returned object that has none of the members which mean something, such as a
// message without content around it.
func (i *inspection) results(name string, list []ast.Statement) {
	for _, returned := range returns(list) {
		object, ok := returned.Argument.(*ast.ObjectLiteral)
		if !ok || len(object.Value) == 0 || meansSomething(object, resultMembers[name]) {
			continue
		}
		i.tell(wire.Finding{Level: wire.Doubt, Text: "this result of " + name + " means nothing to the server", Remedy: resultRemedies[name]}, "", returned.Return)
	}
}

func meansSomething(object *ast.ObjectLiteral, members map[string]bool) bool {
	for _, property := range object.Value {
		switch p := property.(type) {
		case *ast.PropertyShort:
			if members[p.Name.Name.String()] {
				return true
			}
		case *ast.PropertyKeyed:
			key, ok := p.Key.(*ast.StringLiteral)
			if !ok || p.Computed || members[key.Value.String()] {
				return true
			}
		default: // spread: who knows
			return true
		}
	}
	return false
}

// returns are the return statements of a function, without those of functions in it.
func returns(list []ast.Statement) []*ast.ReturnStatement {
	var found []*ast.ReturnStatement
	for _, statement := range list {
		switch s := statement.(type) {
		case *ast.ReturnStatement:
			found = append(found, s)
		case *ast.BlockStatement:
			found = append(found, returns(s.List)...)
		case *ast.IfStatement:
			found = append(found, returns([]ast.Statement{s.Consequent, s.Alternate})...)
		case *ast.ForStatement:
			found = append(found, returns([]ast.Statement{s.Body})...)
		case *ast.ForInStatement:
			found = append(found, returns([]ast.Statement{s.Body})...)
		case *ast.ForOfStatement:
			found = append(found, returns([]ast.Statement{s.Body})...)
		case *ast.WhileStatement:
			found = append(found, returns([]ast.Statement{s.Body})...)
		case *ast.DoWhileStatement:
			found = append(found, returns([]ast.Statement{s.Body})...)
		case *ast.SwitchStatement:
			for _, c := range s.Body {
				found = append(found, returns(c.Consequent)...)
			}
		case *ast.TryStatement:
			found = append(found, returns(s.Body.List)...)
			if s.Catch != nil {
				found = append(found, returns(s.Catch.Body.List)...)
			}
			if s.Finally != nil {
				found = append(found, returns(s.Finally.List)...)
			}
		}
	}
	return found
}

// unreachable notes statements that stand behind the end of their block.
func (i *inspection) unreachable(list []ast.Statement) {
	for n, statement := range list {
		if !ends(statement) || n+1 == len(list) {
			continue
		}
		for _, after := range list[n+1:] {
			if at, ok := does(after); ok {
				i.tell(wire.Finding{Level: wire.Note, Text: "this is never reached"}, "", at)
				return
			}
		}
		return
	}
}

func ends(statement ast.Statement) bool {
	switch statement.(type) {
	case *ast.ReturnStatement, *ast.ThrowStatement, *ast.BranchStatement:
		return true
	}
	return false
}

// does tells a statement that does something from one that only declares.
func does(statement ast.Statement) (at file.Idx, ok bool) {
	switch statement.(type) {
	case *ast.FunctionDeclaration, *ast.ClassDeclaration, *ast.EmptyStatement, *ast.VariableStatement, *ast.LexicalDeclaration, *ast.BranchStatement:
		return 0, false
	}
	return statement.Idx0(), true
}
