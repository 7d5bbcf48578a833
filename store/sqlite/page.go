package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/grapnel-chat/grapnel/workspace"
)

// list is a query for one page of records.
type list struct {
	columns string
	from    string // from FROM to the end of WHERE
	args    []any
	fields  map[string]field // to sort by, by their names on the wire
	order   []workspace.Order
	seq     string // the column that holds the order in which the records were added
}

// field is a column to sort by.
type field struct {
	column string
	time   bool // sorting by it backwards turns the order of what is equal, too
}

// and narrows the list.
func (l *list) and(condition string, args ...any) {
	l.from += " AND " + condition
	l.args = append(l.args, args...)
}

// orderBy words the order: what the page asks for where it asks for something known, else the
// list's own. What is equal stands in the order in which it was added.
func (l list) orderBy(page workspace.Page) string {
	if by := l.terms(page.Sort); by != "" {
		return by
	}
	if by := l.terms(l.order); by != "" {
		return by
	}
	return l.seq
}

func (l list) terms(order []workspace.Order) string {
	var terms []string
	seen := map[string]bool{}
	ties := " ASC"
	for _, o := range order {
		f, known := l.fields[o.Field]
		if !known || seen[f.column] {
			continue
		}
		seen[f.column] = true
		direction := " ASC"
		if o.Descending {
			direction = " DESC"
		}
		if ties = " ASC"; f.time {
			ties = direction
		}
		terms = append(terms, f.column+direction)
	}
	if len(terms) == 0 {
		return ""
	}
	return strings.Join(append(terms, l.seq+ties), ", ")
}

// readPage answers one page of a list and how long the whole list is.
func readPage[T any](ctx context.Context, r *reader, l list, page workspace.Page, scan func(*sql.Rows) (T, error)) ([]T, int, error) {
	limit := -1
	if page.Count > 0 {
		limit = page.Count
	}
	offset := max(page.Offset, 0)
	query := fmt.Sprintf("SELECT %s %s ORDER BY %s LIMIT ? OFFSET ?", l.columns, l.from, l.orderBy(page))
	var records []T
	err := r.all(ctx, query, append(slices.Clip(l.args), limit, offset), func(rows *sql.Rows) error {
		record, err := scan(rows)
		records = append(records, record)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if end := limit < 0 || len(records) < limit; end && (len(records) > 0 || offset == 0) {
		return records, offset + len(records), nil // the list ends here
	}
	var total int
	err = r.all(ctx, "SELECT count(*) "+l.from, l.args, func(rows *sql.Rows) error { return rows.Scan(&total) })
	return records, total, err
}
