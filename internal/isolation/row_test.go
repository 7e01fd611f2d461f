package isolation

import (
	"time"

	"github.com/rowhouse/rowhouse"
)

// Case is numbered by the database. It has a unique code, a version, a soft delete, and one of
// each constraint.
type Case struct {
	ID        int64             `db:"id,pk,auto"`
	Canary    string            `db:"canary,size:90"`
	Code      string            `db:"code,size:40,unique"`
	Title     string            `db:"title,size:40"`
	Status    string            `db:"status,size:20,default:open,index"`
	Priority  int               `db:"priority,check:priority >= 0"`
	Assignee  *string           `db:"assignee,size:40"`
	Owner     *string           `db:"owner,size:40,notnull"`
	Detail    map[string]string `db:"detail,json"`
	Version   int64             `db:"version,lock"`
	CreatedAt time.Time         `db:"created_at,created"`
	UpdatedAt time.Time         `db:"updated_at,updated"`
	DeletedAt *time.Time        `db:"deleted_at,softdelete"`

	Notes []Note `db:"-" json:"notes,omitempty"`
	Links []Link `db:"-" json:"links,omitempty"`
	Peers []Case `db:"-" json:"peers,omitempty"`
	Of    []Case `db:"-" json:"of,omitempty"`
	State *State `db:"-" json:"state,omitempty"`
}

// Note has a key that is made in Go, goes away with its case, and is unique in its place there.
type Note struct {
	ID        [16]byte   `db:"id,pk,auto"`
	Canary    string     `db:"canary,size:90"`
	CaseID    int64      `db:"case_id,ref:case.id,ondelete:cascade,unique:b_case_place"`
	Place     int32      `db:"place,unique:b_case_place"`
	Body      *string    `db:"body"`
	Done      bool       `db:"done"`
	Weight    float64    `db:"weight"`
	At        *time.Time `db:"at"`
	UpdatedAt time.Time  `db:"updated_at,updated"`

	Case  *Case  `db:"-" json:"case,omitempty"`
	Links []Link `db:"-" json:"links,omitempty"`
	Cases []Case `db:"-" json:"cases,omitempty"`
}

// Link has a key of two columns, and keeps the note that it refers to from going away.
type Link struct {
	Left   int64     `db:"left_id,pk"`
	Right  string    `db:"right_id,pk,size:20"`
	Canary string    `db:"canary,size:90"`
	NoteID *[16]byte `db:"note_id,ref:b_case.id"`
	Rank   int16     `db:"rank"`

	Note *Note `db:"-" json:"note,omitempty"`
	Case *Case `db:"-" json:"case,omitempty"`
}

// State is of the common house: what a case's status means.
type State struct {
	Code string `db:"code,pk,size:20"`
	Text string `db:"text,size:40"`
}

// A table named b_case makes a_b_case of a tenant named a, which is what one named a_b makes of
// case where names are joined without care.
var (
	Cases = rowhouse.MustDefine[Case]("case")
	Notes = rowhouse.MustDefine[Note]("b_case")
	Links = rowhouse.MustDefine[Link]("link")

	States = rowhouse.MustDefineCommon[State]("state")
)

var (
	caseID       = rowhouse.Col(Cases, func(c *Case) *int64 { return &c.ID })
	caseCode     = rowhouse.Col(Cases, func(c *Case) *string { return &c.Code })
	caseTitle    = rowhouse.Col(Cases, func(c *Case) *string { return &c.Title })
	caseStatus   = rowhouse.Col(Cases, func(c *Case) *string { return &c.Status })
	casePriority = rowhouse.Col(Cases, func(c *Case) *int { return &c.Priority })
	caseAssignee = rowhouse.Nullable(Cases, func(c *Case) **string { return &c.Assignee })
	caseOwner    = rowhouse.Nullable(Cases, func(c *Case) **string { return &c.Owner })
	caseDeleted  = rowhouse.Nullable(Cases, func(c *Case) **time.Time { return &c.DeletedAt })

	noteID     = rowhouse.Col(Notes, func(n *Note) *[16]byte { return &n.ID })
	noteCaseID = rowhouse.Col(Notes, func(n *Note) *int64 { return &n.CaseID })
	notePlace  = rowhouse.Col(Notes, func(n *Note) *int32 { return &n.Place })
	noteBody   = rowhouse.Nullable(Notes, func(n *Note) **string { return &n.Body })
	noteDone   = rowhouse.Col(Notes, func(n *Note) *bool { return &n.Done })
	noteWeight = rowhouse.Col(Notes, func(n *Note) *float64 { return &n.Weight })
	noteAt     = rowhouse.Nullable(Notes, func(n *Note) **time.Time { return &n.At })

	linkLeft  = rowhouse.Col(Links, func(l *Link) *int64 { return &l.Left })
	linkRight = rowhouse.Col(Links, func(l *Link) *string { return &l.Right })
	linkNote  = rowhouse.Nullable(Links, func(l *Link) **[16]byte { return &l.NoteID })
	linkRank  = rowhouse.Col(Links, func(l *Link) *int16 { return &l.Rank })
)

func models() []rowhouse.AnyModel {
	return rowhouse.Models(Cases, Notes, Links, casePeers.JoinTable(), States, Gadgets)
}

// canaryMark begins every canary.
const canaryMark = "the canary of "

// canary is in every row of a tenant, and in nobody else's.
func canary(tenant string) string { return canaryMark + tenant }
