package main

import (
	"time"

	"github.com/rowhouse/rowhouse"
)

// Case is the one struct of the demo. It is compiled once, for however many tenants.
type Case struct {
	ID        int64     `db:"id,pk,auto"`
	Title     string    `db:"title,size:200"`
	Status    string    `db:"status,default:open,index"`
	Priority  int       `db:"priority"`
	Assignee  *string   `db:"assignee,size:100"`
	Version   int64     `db:"version,lock"`
	CreatedAt time.Time `db:"created_at,created"`
	UpdatedAt time.Time `db:"updated_at,updated"`
}

// The model, and the columns that the demo asks by.
var (
	Cases        = rowhouse.MustDefine[Case]("case")
	CaseStatus   = rowhouse.Col(Cases, func(c *Case) *string { return &c.Status })
	CasePriority = rowhouse.Col(Cases, func(c *Case) *int { return &c.Priority })
)

const (
	open   = "open"
	closed = "closed"
)
