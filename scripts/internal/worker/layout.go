package worker

import (
	"math"
	"strings"
	"unicode/utf8"
)

// lay puts an object into one line or several.
func (i *inspector) lay(s sketch, reference string, level int) string {
	if len(s.entries) == 0 {
		switch {
		case s.base != "":
			return reference + s.base
		case s.always || s.open != "":
			return reference + s.prefix + s.open + s.close
		}
	}
	open, closing := s.open, s.close
	if open == "" {
		open, closing = "{", "}"
	}
	open = reference + s.prefix + open
	base := s.base
	if base != "" {
		base = reference + base
		open = strings.TrimPrefix(open, reference)
		base += " "
	}
	entries := s.entries
	if s.list && len(entries) > widestShort {
		entries = i.columns(s)
	}
	if i.level-level < 3 && len(entries) == len(s.entries) {
		start := len(entries) + i.indent + len(open) + len(strings.TrimSuffix(base, " ")) + 10
		if line, ok := oneLine(entries, start); ok && !strings.Contains(base, "\n") {
			return base + open + " " + line + " " + closing
		}
	}
	step := "\n" + strings.Repeat(" ", i.indent)
	return base + open + step + "  " + strings.Join(entries, ","+step+"  ") + step + closing
}

// oneLine joins entries if they are short enough for one line.
func oneLine(entries []string, start int) (string, bool) {
	total := len(entries) + start
	for _, entry := range entries {
		if total += utf8.RuneCountInString(entry); total > lineWidth {
			return "", false
		}
	}
	line := strings.Join(entries, ", ")
	return line, !strings.Contains(line, "\n")
}

// columns sets the items of a long array as Node does.
func (i *inspector) columns(s sketch) []string {
	count := len(s.entries) - s.more
	widths, total, widest := make([]int, len(s.entries)), 0, 0
	for at, entry := range s.entries[:count] {
		widths[at] = utf8.RuneCountInString(entry)
		total += widths[at] + 2
		widest = max(widest, widths[at])
	}
	actual := widest + 2
	if actual*3+i.indent >= lineWidth || float64(total)/float64(actual) <= 5 && widest > 6 {
		return s.entries
	}
	bias := math.Sqrt(float64(actual) - float64(total)/float64(len(s.entries)))
	biased := math.Max(float64(actual)-3-bias, 1)
	number := min(
		int(math.Round(math.Sqrt(2.5*biased*float64(count))/biased)),
		(lineWidth-i.indent)/actual, 12, 15,
	)
	if number <= 1 {
		return s.entries
	}
	room := make([]int, number)
	for at := range room {
		for j := at; j < count; j += number {
			room[at] = max(room[at], widths[j])
		}
		room[at] += 2
	}
	var lines []string
	for at := 0; at < count; at += number {
		var line strings.Builder
		last := min(at+number, count) - 1
		for j := at; j < last; j++ {
			writePadded(&line, s.entries[j]+", ", room[j-at], s.right)
		}
		if s.right {
			writePadded(&line, s.entries[last], room[last-at]-2, true)
		} else {
			line.WriteString(s.entries[last])
		}
		lines = append(lines, line.String())
	}
	return append(lines, s.entries[count:]...)
}

func writePadded(out *strings.Builder, text string, width int, right bool) {
	space := strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
	if right {
		out.WriteString(space + text)
	} else {
		out.WriteString(text + space)
	}
}
