package integrations

import (
	"context"
	"errors"
	"fmt"
)

// compile fills in what a script compiles to, or why it does not. A script that is off, blank or
// frozen is left as it is. A syntax error does not stop the record from being saved.
func (s *Service) compile(ctx context.Context, i *Integration) error {
	if !i.ScriptEnabled || blank(text(i.Script)) || s.Freeze != NotFrozen {
		return nil
	}
	compiled, err := s.Scripts.Compile(ctx, ScriptSource{Text: *i.Script, Strict: i.SkipTranspile})
	if fault, ok := errors.AsType[*ScriptError](err); ok {
		i.ScriptCompiled = nil
		i.ScriptError = &ScriptFault{Name: fault.Name, Message: fault.Placed(), Stack: fault.Explained()}
		return nil
	}
	if err != nil {
		return fmt.Errorf("compile script: %w", err)
	}
	i.ScriptCompiled, i.ScriptError = &compiled, nil
	return nil
}
