// Package dialect writes SQL. It never connects: text is made here and run by package driver.
//
// A statement is built from logical names ([Select], [Insert], [Update], [Delete]) and rendered
// once into a [Template], whose table slots are open. [Template.Fill] puts a tenant's own names
// ([Names]) into the slots. Everything else in the text is the same for all tenants, because
// every table is aliased by its logical name.
//
// What differs between engines stands behind [Dialect], one package each: postgres, mysql (for
// MySQL and MariaDB) and sqlite, with the same file names in each.
//
// Physical names are made in one place, [Dialect.AppendName] with [AppendSlug]. Values never
// enter the text; identifiers enter it through quoting alone.
package dialect
