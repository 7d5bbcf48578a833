package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/workspace"
)

type runScript struct {
	File    string            `arg:"" name:"file" help:"The script; - reads it from standard input."`
	Request string            `name:"request" placeholder:"FILE" help:"JSON of the request as scripts see it: {headers, content, url, …}, or {request, response}. What it leaves out is a sample's."`
	Content string            `name:"content" placeholder:"FILE" help:"What the service sends: the body of the call to the hook, the data of an event, or the body of the answer."`
	Method  string            `name:"method" help:"Method to call: process_incoming_request, prepare_outgoing_request or process_outgoing_response. Default: the first of them that the script has."`
	Header  map[string]string `name:"header" mapsep:"none" placeholder:"NAME=VALUE" help:"Header of the request, or for process_outgoing_response of the answer. Can be given several times."`
	Query   string            `name:"query" placeholder:"a=1&b=2" help:"Query of the hook's URL."`
	Strict  bool              `name:"strict" help:"Class bodies are strict, as an integration's skipTranspile makes them."`

	OutgoingAllow allowList `name:"outgoing-allow" aliases:"allow" env:"OUTGOING_ALLOW" help:"Hosts, addresses and networks (CIDR) that the script may call although they are private, separated by commas; * allows all. Default: none."`

	outgoingSettings
	scriptSettings
}

// Help explains what the flags alone do not.
func (*runScript) Help() string {
	return `The script runs in a confined process with the limits that it has in the server, and starts without state. Nothing is posted or kept.

The exit code is 0 if the method returned, 1 if the script failed or has no such method, 2 where the command itself was wrong.`
}

// Validate refuses settings that cannot be.
func (r *runScript) Validate() error {
	return errors.Join(r.outgoingSettings.Validate(), r.scriptSettings.Validate())
}

// Run calls the method and shows what came of it.
func (r *runScript) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	trial, err := r.trial()
	if err != nil {
		return usage(err)
	}
	client := r.client(r.OutgoingAllow)
	defer client.Close()
	config := r.tool()
	config.Caller = client
	pool, err := startPool(ctx, config)
	if err != nil {
		return err
	}
	tried, err := r.try(ctx, pool, trial)
	if closing := pool.Close(); err == nil {
		err = closing
	}
	if refused, ok := errors.AsType[*integrations.TrialError](err); ok {
		return usage(refused)
	}
	if err != nil {
		return err
	}
	shown{tried, os.Stdout}.print()
	if tried.Outcome != integrations.OutcomeDone {
		return problems()
	}
	return nil
}

// trial reads what the flags name.
func (r *runScript) trial() (integrations.Trial, error) {
	t := integrations.Trial{
		Method: integrations.ScriptMethod(r.Method), Header: r.Header, RawQuery: strings.TrimPrefix(r.Query, "?"), Owner: "trial",
		Poster: workspace.User{ID: workspace.BotID, Username: workspace.BotID, Name: "Rocket.Cat"},
	}
	source, err := readSource(r.File)
	if err != nil {
		return t, err
	}
	t.Source = integrations.ScriptSource{Text: source, Strict: r.Strict}
	if r.Content != "" {
		if t.Body, err = os.ReadFile(r.Content); err != nil {
			return t, err
		}
	}
	if r.Request == "" {
		return t, nil
	}
	text, err := os.ReadFile(r.Request)
	if err != nil {
		return t, err
	}
	t.Argument, err = argumentOf(r.Request, text)
	return t, err
}

// argumentOf takes a document for the method's whole argument or for its request.
func argumentOf(name string, text []byte) ([]byte, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\uFEFF")))
	whole, known := false, false
	if !jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true)) || text[0] != '{' {
		return nil, fmt.Errorf("%s is no JSON object; what a service sends as another form is named with --content", name)
	}
	err := workspace.EachMember(text, func(name string, value jsontext.Value) {
		whole = whole || (name == "request" || name == "response") && value.Kind() == '{'
		known = known || slices.Contains(requestMembers, name)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case whole:
		return text, nil
	case !known && len(text) > 2:
		return nil, fmt.Errorf("%s has none of the members of a request (%s): name what a service sends with --content", name, strings.Join(requestMembers, ", "))
	}
	return append(append([]byte(`{"request":`), text...), '}'), nil
}

// requestMembers are those of the requests that methods get.
var requestMembers = []string{"content", "content_raw", "body", "headers", "url", "url_raw", "url_params", "user", "data", "method", "params"}

// try calls the method that is named, or the first one that the script has.
func (r *runScript) try(ctx context.Context, pool *scripts.Pool, t integrations.Trial) (integrations.Tried, error) {
	if t.Method == "" {
		t.Method = integrations.ProcessIncomingRequest
		report, err := pool.Inspect(ctx, t.Source)
		if err != nil {
			return integrations.Tried{}, err
		}
		if len(report.Methods) > 0 {
			t.Method = report.Methods[0]
		}
	}
	return integrations.Try(ctx, pool, t)
}

// shown is what became of a trial, for a person to read.
type shown struct {
	integrations.Tried
	to io.Writer
}

func (s shown) print() {
	s.line("%s %s%s", s.Method, s.ending(), s.cost())
	s.section("Console", strings.Join(s.Console, "\n"))
	if e := s.Fault; e != nil {
		s.section("Error", s.fault())
		return
	}
	s.section("Result", pretty(s.Value))
	s.section("The hook answers with status 400 and", pretty(s.Rejected))
	s.section("The hook's answer holds", pretty(s.Response))
	if r := s.Call; r != nil {
		s.section("Would be called", callText(*r))
	}
	for _, d := range s.Messages {
		s.section("Would be posted", draftText(d))
	}
	if s.Method == integrations.ProcessIncomingRequest && s.Outcome == integrations.OutcomeDone && len(s.Messages) == 0 && s.Rejected == nil {
		s.section("Nothing would be posted", "")
	}
	for _, remark := range s.Remarks {
		s.line("\n%s", remark)
	}
}

func (s shown) line(format string, args ...any) {
	_, _ = fmt.Fprintf(s.to, printable(format)+"\n", args...)
}

func (s shown) section(title, text string) {
	if text == "" && title != "Nothing would be posted" {
		return
	}
	s.line("\n%s", title)
	if text != "" {
		s.line("%s", indented(printable(text), "  "))
	}
}

func (s shown) ending() string {
	switch {
	case s.Outcome == integrations.OutcomeFailed:
		return "failed"
	case s.Outcome == integrations.OutcomeMissing:
		return "is not there"
	case s.Value == nil:
		return "returned undefined"
	default:
		return "returned"
	}
}

func (s shown) cost() string {
	var parts []string
	if s.Took > 0 {
		parts = append(parts, "after "+s.Took.Round(10*time.Microsecond).String())
	}
	if s.Memory > 0 {
		parts = append(parts, fmt.Sprintf("with %.1f MB of heap in its process", float64(s.Memory)/(1<<20)))
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}

// fault shows what the script threw, the line, and the remedy where one is known.
func (s shown) fault() string {
	e := s.Fault
	parts := []string{cmp.Or(e.Stack, e.Error())}
	if e.Remedy != "" {
		parts = append(parts, e.Remedy)
	}
	return strings.Join(parts, "\n")
}

func pretty(value []byte) string {
	if value == nil {
		return ""
	}
	text := jsontext.Value(bytes.Clone(value))
	if err := text.Indent(jsontext.WithIndent("  "), jsontext.AllowDuplicateNames(true)); err != nil {
		return string(value)
	}
	return string(text)
}

func callText(r integrations.Request) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", r.Method, r.URL)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&out, "%s: %s\n", name, r.Header[name])
	}
	if r.Auth != "" {
		user, _, _ := strings.Cut(r.Auth, ":")
		fmt.Fprintf(&out, "(as the user %s)\n", user)
	}
	if body := pretty(r.Body); body != "" {
		fmt.Fprintf(&out, "\n%s\n", body)
	}
	return out.String()
}

// draftText shows a message as its readers will see it, and what it says beyond that.
func draftText(d workspace.Draft) string {
	var out strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%-12s %s\n", name, strings.ReplaceAll(value, "\n", "\n"+strings.Repeat(" ", 13)))
		}
	}
	field("as", cmp.Or(d.Alias, d.Author.Username))
	field("avatar", d.Avatar)
	field("emoji", d.Emoji)
	field("channel", strings.Join(d.Targets, ", "))
	field("thread", d.ThreadID)
	field("text", d.Text)
	field("attachments", attachmentsText(d.Attachments))
	field("fields", pretty(d.Custom))
	return out.String()
}

// attachmentsText tells attachments apart by their first words; the result shows them whole.
func attachmentsText(list []byte) string {
	if list == nil {
		return ""
	}
	var attachments []map[string]any
	if json.Unmarshal(list, &attachments) != nil {
		return pretty(list)
	}
	var lines []string
	for _, a := range attachments {
		words := fmt.Sprintf("(%s)", counted(len(a), "member", "members"))
		for _, name := range []string{"title", "pretext", "text", "author_name", "image_url"} {
			if text, ok := a[name].(string); ok && text != "" {
				first, _, _ := strings.Cut(text, "\n")
				words = first
				break
			}
		}
		lines = append(lines, words)
	}
	return strings.Join(lines, "\n")
}
