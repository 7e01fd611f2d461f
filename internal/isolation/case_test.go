package isolation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/dialect"
	"github.com/rowhouse/rowhouse/driver"
)

const (
	highID    = 1_000_001 // explicit keys begin where no sequence comes in a test
	missingID = 999_999
)

var (
	codes    = []string{"aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj", "kk", "ll"}
	statuses = []string{"open", "shut", "wait"}
	people   = []string{"ann", "bob", "cyd"}
)

func caseKind() *kind[Case] {
	title := plain(caseTitle, func(c *Case) *string { return &c.Title }, texts...)
	title.like, title.unsized = true, true
	priority := plain(casePriority, func(c *Case) *int { return &c.Priority }, -1, 0, 1, 2, 3)
	priority.add = true
	id := plain(caseID, func(c *Case) *int64 { return &c.ID }, 1, 2, 3, 5, 8, highID, highID+1)
	id.fixed = true
	deleted := maybe(caseDeleted, func(c *Case) **time.Time { return &c.DeletedAt }, time.Time.Compare, instants...)
	return &kind[Case]{
		model:  Cases,
		rows:   func(s *store) map[string]Case { return s.cases },
		key:    func(c *Case) string { return caseKey(c.ID) },
		values: func(c *Case) rowhouse.Key { return rowhouse.Key{c.ID} },
		canary: func(c *Case) *string { return &c.Canary },
		byKey:  []rowhouse.Order[Case]{caseID.Asc()},
		fields: []field[Case]{
			plain(caseCode, func(c *Case) *string { return &c.Code }, codes...).field(),
			title.field(), priority.field(),
			plain(caseStatus, func(c *Case) *string { return &c.Status }, statuses...).field(),
			maybe(caseAssignee, func(c *Case) **string { return &c.Assignee }, strings.Compare, people...).field(),
			maybe(caseOwner, func(c *Case) **string { return &c.Owner }, strings.Compare, people...).field(),
			deleted.field(),
		},
		keyed: []field[Case]{id.field()},
		draw:  drawCase, refer: func(*store, *Case, int) {},
		unique: []rowhouse.AnyColumn[Case]{caseCode},
		same:   func(a, b *Case) bool { return a.Code == b.Code },
		filled: filledCase,
		touch:  func(c *Case, at time.Time) { c.UpdatedAt = at }, touched: func(c *Case) time.Time { return c.UpdatedAt },
		bump: func(c *Case) { c.Version++ }, version: func(c *Case) int64 { return c.Version },
		deleted: func(c *Case) **time.Time { return &c.DeletedAt },
		keep:    func(to, from *Case) { to.CreatedAt, to.Version = from.CreatedAt, from.Version },
		made:    true,
		defaults: func(c Case) Case {
			if c.Status == "" {
				c.Status = "open"
			}
			return c
		},
		columns: []string{
			"id", "canary", "code", "title", "status", "priority", "assignee", "owner",
			"detail", "version", "created_at", "updated_at", "deleted_at",
		},
		kinds: []dialect.Kind{
			dialect.Int64, dialect.Text, dialect.Text, dialect.Text, dialect.Text, dialect.Int64, dialect.Text, dialect.Text,
			dialect.JSON, dialect.Int64, dialect.Time, dialect.Time, dialect.Time,
		},
		scan: scanCase,
	}
}

func drawCase(t *rapid.T) Case {
	c := Case{
		Code:     rapid.SampledFrom(codes).Draw(t, "code"),
		Title:    rapid.SampledFrom(texts).Draw(t, "title"),
		Status:   rapid.SampledFrom(append([]string{""}, statuses...)).Draw(t, "status"),
		Priority: rapid.IntRange(0, 3).Draw(t, "priority"),
		Assignee: optional(t, people, "assignee"),
		Owner:    new(rapid.SampledFrom(people).Draw(t, "owner")),
		Detail:   rapid.SampledFrom([]map[string]string{{}, {"a": "1"}, {`"`: "é", "b": "?$1"}}).Draw(t, "detail"),
	}
	switch rapid.IntRange(0, 19).Draw(t, "odd") {
	case 0:
		c.Priority = -1
	case 1:
		c.Owner = nil
	case 2:
		c.Title = strings.Repeat("é", 41)
	case 3, 4, 5, 6:
		c.ID = highID + rapid.Int64Range(0, 3).Draw(t, "id")
	case 7:
		c.CreatedAt = instants[1]
	case 8:
		c.Version = 7
	}
	return c
}

func filledCase(d *desk, row, asked *Case) string {
	want := *asked
	if want.ID == 0 {
		want.ID = row.ID
		if _, taken := d.model.cases[caseKey(row.ID)]; taken || row.ID == 0 {
			return fmt.Sprintf("the database made the key %d, which is taken", row.ID)
		}
	}
	if want.Status == "" {
		want.Status = "open"
	}
	if want.Version == 0 {
		want.Version = 1
	}
	if want.CreatedAt.IsZero() {
		if want.CreatedAt = row.CreatedAt; !d.recent(row.CreatedAt) {
			return fmt.Sprintf("created at %v", row.CreatedAt)
		}
	}
	if want.UpdatedAt = row.UpdatedAt; !d.recent(row.UpdatedAt) {
		return fmt.Sprintf("updated at %v", row.UpdatedAt)
	}
	return difference(&want, row)
}

func scanCase(rows driver.Rows) (c Case, err error) {
	var detail []byte
	err = rows.Scan([]any{
		&c.ID, &c.Canary, &c.Code, &c.Title, &c.Status, &c.Priority, &c.Assignee, &c.Owner,
		&detail, &c.Version, &c.CreatedAt, &c.UpdatedAt, &c.DeletedAt,
	})
	if err == nil {
		err = json.Unmarshal(detail, &c.Detail)
	}
	return c, err
}
