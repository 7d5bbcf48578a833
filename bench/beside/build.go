package beside

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build makes a binary of a folder of this module as it is released, unless there is one already.
func Build(ctx context.Context, path, dir, folder string) (string, error) {
	if path != "" {
		return filepath.Abs(path)
	}
	path = filepath.Join(dir, filepath.Base(folder))
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/grapnel-chat/grapnel/"+folder) //nolint:gosec // both are ours
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, text)
	}
	return path, nil
}
