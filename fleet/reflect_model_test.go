package fleet_test

import (
	"time"

	"github.com/google/uuid"
)

// Everything has a column of every kind, and every kind of default.
type Everything struct {
	Key     uuid.UUID  `db:"key,pk,auto"`
	Yes     bool       `db:"yes,default:true"`
	No      bool       `db:"no,default:false"`
	Small   int16      `db:"small,default:-1"`
	Medium  int32      `db:"medium"`
	Real    float32    `db:"real"`
	Double  float64    `db:"double,default:0.5"`
	Price   string     `db:"price,type:decimal,precision:12,scale:2,default:1.50"`
	Exact   *string    `db:"exact,type:decimal"`
	Short   string     `db:"short,size:60,default:'it''s \\ \"a\" (default), ok?'"`
	Empty   string     `db:"empty,size:10,default:''"`
	Long    string     `db:"long"`
	Blob    []byte     `db:"blob,null"`
	Hash    []byte     `db:"hash,size:20"`
	At      time.Time  `db:"at,created"`
	Changed time.Time  `db:"changed,updated"`
	Gone    *time.Time `db:"gone,softdelete"`
	Version int64      `db:"version,lock"`
	Owner   *uuid.UUID `db:"owner"`
	Doc     []string   `db:"doc,json"`
	Extra   []string   `db:"extra,json,null"`
	Checked int        `db:"checked,check:'(checked > 0) OR (checked < -1)'"`
}

// Node has a key and references of several columns.
type Node struct {
	Tree   string  `db:"tree,pk,size:20,fk:node_up,ref:node.tree"`
	Number int64   `db:"number,pk"`
	Up     *int64  `db:"up,fk:node_up,ref:node.number"`
	Label  string  `db:"label,size:20,unique:node_label,default:none"`
	Color  *string `db:"color,size:20,unique:node_label,index:node_color"`
	CaseID int64   `db:"case_id,ref:case.id,ondelete:cascade"`
}
