package wire

// Kind tells what a frame is about.
type Kind byte

// The first group goes to the worker, the second comes back.
const (
	KindLimits  Kind = iota + 1 // limits, an empty part if there is a way out, the server's time zone: once, first
	KindCall                    // owner, version, method, argument, content, raw, values of Store if they are kept
	KindSource                  // compiled text: answers KindNeedSource
	KindCompile                 // "strict" or nothing, text
	KindResume                  // nothing: calls after this one are to be made again
	KindAnswer                  // number, head, body: answers KindAsk
	KindInspect                 // "strict" or nothing, text

	KindReady      // a list of what the kernel lacks to confine the worker: calls may come
	KindNeedSource // the worker holds no program for this call
	KindEvaluated  // the script was loaded, its method starts
	KindLowered    // thread: the run goes on at low priority; calls are left undone until KindResume
	KindWaits      // the script waits for an answer, or for time to pass
	KindRuns       // it goes on
	KindAsk        // number, head, body: a call to the outside
	KindResult     // value, console, effort, changed values of Store
	KindMissing    // as KindResult, without a value: the script has no such method
	KindCompiled   // compiled text, or a Report as JSON
	KindFailure    // a ScriptError: phase, name, message, stack, place, console, remedy; effort, changed values
	KindFault      // text: the call itself made no sense
)

// Flags of a frame, each for one kind.
const (
	FlagLow    = 1 // of KindCall: begins at low priority
	FlagHalted = 1 // of KindFailure: a limit of time ended the run
	flagBusy   = 2 // of KindLowered: it has kept a processor busy for long
)
