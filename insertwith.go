package rowhouse

import "context"

// tableInsertWith inserts rows together with those that relations lead to.
func tableInsertWith[T any](ctx context.Context, t Table[T], rows []T) error {
	if t.err != nil {
		return queryFail(t.Query, "insert", t.err)
	}
	return inTx(ctx, t.scope, func(tx *Tx) error {
		for _, rel := range t.with {
			if err := rel.insertBefore(ctx, tx, rows); err != nil {
				return queryFail(t.Query, "insert", err)
			}
		}
		own := t
		own.scope, own.with = tx, nil
		if err := own.InsertMany(ctx, rows); err != nil {
			return err
		}
		for _, rel := range t.with {
			if err := rel.insertAfter(ctx, tx, rows); err != nil {
				return queryFail(t.Query, "insert", err)
			}
		}
		return nil
	})
}

// insertBefore inserts the rows that these belong to.
func (r Relation[T, R]) insertBefore(ctx context.Context, tx *Tx, rows []T) error {
	if r.one == nil && r.many == nil {
		return invalid("With: the relation to model %q has no field whose rows could be inserted", r.b.target().Table.Name)
	}
	if err := r.writable(); err != nil {
		return invalid("With: %v", err)
	}
	if r.b.kind != belongsTo {
		return nil
	}
	var parents []*R
	seen := map[*R]bool{}
	for i := range rows {
		if p := *r.one(&rows[i]); p != nil && !seen[p] {
			seen[p] = true
			parents = append(parents, p)
		}
	}
	if len(parents) == 0 {
		return nil
	}
	if _, err := r.save(ctx, tx, parents); err != nil {
		return err
	}
	for i := range rows {
		if p := *r.one(&rows[i]); p != nil {
			if err := r.copyKey(tx, &rows[i], p); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertAfter inserts the rows that belong to these.
func (r Relation[T, R]) insertAfter(ctx context.Context, tx *Tx, rows []T) error {
	switch {
	case r.b.kind == belongsTo:
		return nil
	case r.link != nil:
		return r.insertLinked(ctx, tx, rows)
	case r.b.kind == through:
		return invalid("With: a relation by other relations has no rows of its own to insert")
	}
	var all []*R
	for i := range rows {
		for _, related := range r.held(&rows[i]) {
			if err := r.copyKey(tx, &rows[i], related); err != nil {
				return err
			}
			all = append(all, related)
		}
	}
	return r.saveOwned(ctx, tx, all)
}

// insertLinked inserts the rows behind a join table, and those between.
func (r Relation[T, R]) insertLinked(ctx context.Context, tx *Tx, rows []T) error {
	var all []*R
	for i := range rows {
		all = append(all, r.held(&rows[i])...)
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := r.save(ctx, tx, all); err != nil {
		return err
	}
	return r.link.insert(ctx, tx, rows, r.held)
}

// held are the rows in the field of a row.
func (r Relation[T, R]) held(row *T) (rows []*R) {
	if r.one != nil {
		if p := *r.one(row); p != nil {
			rows = append(rows, p)
		}
		return rows
	}
	list := *r.many(row)
	for i := range list {
		rows = append(rows, &list[i])
	}
	return rows
}
