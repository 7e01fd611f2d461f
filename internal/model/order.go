package model

import (
	"fmt"
	"slices"
)

// place notes the place that a tag gives a column in a key or an index; 0 is that of its field.
func (c *compiler) place(of string, at int) {
	if c.places != nil {
		c.places[of] = append(c.places[of], at)
	}
}

// order puts the columns of keys and indexes into the places that tags give them.
func (c *compiler) order() {
	arrange(c, "primary key", c.s.Key)
	for _, x := range c.indexes {
		arrange(c, "index "+x.Name, x.Columns)
	}
	for _, k := range c.foreign {
		of := "foreign key " + k.Name
		arrange(c, of, k.Columns)
		arrange(c, of, k.References)
	}
}

// arrange orders what was put down in the order of the fields.
func arrange[E any](c *compiler, of string, list []E) {
	at := c.places[of]
	if len(at) != len(list) || !slices.ContainsFunc(at, func(n int) bool { return n != 0 }) {
		return
	}
	arranged := make([]E, len(list))
	for i, n := range at {
		if n < 1 || n > len(list) || slices.Contains(at[:i], n) {
			delete(c.places, of)
			c.mistake("", "", fmt.Sprintf("%s: \"at\" has its columns be at %v; give each a place of its own, from 1 to %d, or none any",
				of, at, len(list)))
			return
		}
		arranged[n-1] = list[i]
	}
	copy(list, arranged)
}
