package fleet_test

import (
	"time"

	"github.com/rowhouse/rowhouse"
)

type Case struct {
	ID        int64      `db:"id,pk,auto"`
	Title     string     `db:"title,size:200,unique"`
	Status    string     `db:"status,default:open,index"`
	Priority  int        `db:"priority,check:priority >= 0"`
	ParentID  *int64     `db:"parent_id,ref:case.id"`
	Assignee  *string    `db:"assignee"`
	CreatedAt time.Time  `db:"created_at,created"`
	DeletedAt *time.Time `db:"deleted_at,softdelete"`
}

type Comment struct {
	ID     int64  `db:"id,pk,auto"`
	CaseID int64  `db:"case_id,ref:case.id,ondelete:cascade,index"`
	Body   string `db:"body"`
}

var (
	Cases       = rowhouse.MustDefine[Case]("case")
	Comments    = rowhouse.MustDefine[Comment]("comment")
	CaseID      = rowhouse.Col(Cases, func(c *Case) *int64 { return &c.ID })
	CommentBody = rowhouse.Col(Comments, func(c *Comment) *string { return &c.Body })
)

// Team and Person refer to each other.
type Team struct {
	ID     int64  `db:"id,pk,auto"`
	Name   string `db:"name,size:50"`
	LeadID *int64 `db:"lead_id,ref:person.id"`
}

type Person struct {
	ID     int64  `db:"id,pk,auto"`
	Name   string `db:"name,size:50"`
	TeamID int64  `db:"team_id,ref:team.id"`
}

var (
	Teams   = rowhouse.MustDefine[Team]("team")
	Persons = rowhouse.MustDefine[Person]("person")
)

const longModel = "a_model_whose_name_alone_is_nearly_as_long_as_names_can_be"

// Long makes names that have to be shortened, with or without a prefix.
type Long struct {
	ID     int64  `db:"id,pk,auto"`
	One    string `db:"a_column_whose_name_is_long_too,size:40,index"`
	Two    string `db:"a_column_whose_name_is_long_too_because_there_are_two,size:40,unique"`
	Parent *int64 `db:"parent_id_of_a_long_row,ref:a_model_whose_name_alone_is_nearly_as_long_as_names_can_be.id"`
}

var Longs = rowhouse.MustDefine[Long](longModel)
