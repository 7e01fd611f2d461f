package postgres

import "sync/atomic"

// counts are of a driver, since it was made.
type counts struct {
	statements, named, borrowed, retired atomic.Int64
}

// note counts a statement that is sent.
func (c *counts) note(u use) {
	c.statements.Add(1)
	if u.named != nil && !u.fresh {
		c.named.Add(1)
	}
}

// Stats are numbers since the driver was made.
type Stats struct {
	Statements int64 // that were sent
	Named      int64 // of these, that the server had parsed and planned already
	Borrowed   int64 // connections that were taken from another lane; see [WithLanes]
	Retired    int64 // connections that had seen enough tenants; see [WithTenants]
}

// Stats returns the driver's numbers.
func (d *Driver) Stats() Stats {
	c := &d.counts
	return Stats{c.statements.Load(), c.named.Load(), c.borrowed.Load(), c.retired.Load()}
}
