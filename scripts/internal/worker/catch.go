package worker

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/v8words"
)

// caught rewords an error of the engine's, once.
func (r *realm) caught() goja.Value {
	return r.native("", 1, func(c goja.FunctionCall) goja.Value {
		object, ok := c.Argument(0).(*goja.Object)
		if !ok || isProxied(object) || object.ClassName() != "Error" {
			return goja.Undefined()
		}
		message := r.ownValue(object, "message")
		if message == nil || !goja.IsString(message) {
			return goja.Undefined()
		}
		text := message.String()
		if len(text) > language.LongestMessage || !v8words.MayDiffer(text) {
			return goja.Undefined()
		}
		if worded := v8words.Of(text, r.sceneIn(object)); worded != text {
			hide(object, "message", r.runtime.ToValue(worded))
		}
		return goja.Undefined()
	})
}

// sceneIn reads the place from the engine's own stack text.
func (r *realm) sceneIn(object *goja.Object) *v8words.Scene {
	stack := r.ownValue(object, "stack")
	if stack == nil || !goja.IsString(stack) || r.places == nil {
		return nil
	}
	native := ""
	_, frames, _ := strings.Cut(stack.String(), "\n\tat ")
	for frame := range strings.SplitSeq(frames, "\n\tat ") {
		if found := framePlace.FindStringSubmatch(frame); found != nil {
			line, _ := strconv.Atoi(found[1])
			column, _ := strconv.Atoi(found[2])
			return v8words.SceneOf(r.compiled, line, column, native)
		}
		if name, ok := strings.CutSuffix(strings.TrimSpace(frame), " (native)"); ok && native == "" {
			native = name[strings.LastIndexByte(name, '.')+1:]
			continue
		}
		return nil
	}
	return nil
}

var framePlace = regexp.MustCompile(`\(?` + regexp.QuoteMeta(language.SourceName) + `:(\d+):(\d+)\(\d+\)\)?`)
