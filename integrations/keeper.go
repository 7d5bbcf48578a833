package integrations

import "context"

// keeper keeps an integration's script values in the store.
type keeper struct {
	store       Store
	id, version string
}

// Load implements ScriptKeeper.
func (k keeper) Load(ctx context.Context) ([]ScriptValue, error) {
	return k.store.ScriptValues(ctx, k.id, k.version)
}

// Save implements ScriptKeeper. Where the integration is gone meanwhile, so is what it kept.
func (k keeper) Save(ctx context.Context, values []ScriptValue) error {
	return missing(k.store.SaveScriptValues(ctx, k.id, k.version, values), nil)
}
