package worker

import (
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// compile checks an author's text and returns the one to run.
func compile(source string, strict bool) (string, *integrations.ScriptError) {
	return language.Compile(source, strict, globalNames())
}

// globalNames are what a script finds declared.
func globalNames() []string {
	return newRealm("", "", wire.DefaultLimits(), &names{}).runtime.GlobalObject().GetOwnPropertyNames()
}
