// Package fleet is for those who operate tenants: it makes their tables, suspends them, and
// removes them. Applications that read and write rows import package rowhouse alone.
//
//	f := fleet.New(db, fleet.Options{})
//	err := f.Init(ctx)
//	err = f.Provision(ctx, fleet.NewTenant{ID: "acme"})
//
// # How a tenant comes and goes
//
// A tenant's entry in the catalog comes first and goes last, so whatever exists of a tenant is
// known to the catalog, and a process that dies half-way leaves something that the next run
// finishes:
//
//	Provision  entry (provisioning) → tables → active
//	Suspend    active → suspended;  Resume  suspended → active
//	Drop       dropping → tables removed → entry removed
//
// Only an active tenant can be read and written, so a half-made one never is. Work on a tenant
// holds a lease in its entry, which it renews; another process that wants the same tenant
// meanwhile gets a [*StateError] that says until when. Leases are compared with the clocks of
// the processes: these must agree to within two thirds of [Options.Lease].
//
// # Engines
//
// On PostgreSQL and SQLite all of a tenant's tables are made in one transaction. MySQL and
// MariaDB commit each statement: when one fails, what this attempt has made is removed again.
// Where even that is not possible, or the answer to a statement was lost, the entry stays
// provisioning, and the next Provision of the tenant completes it.
//
// # A catalog of the application's own
//
// With a catalog that is not a [rowhouse.WritableCatalog], there is no state to record.
// Provision then makes the tables of a tenant that the catalog knows already, keeping those
// that exist, and Drop removes them; that nobody uses the tenant meanwhile, and that its tables
// belong to nobody else, is the caller's to see to.
package fleet
