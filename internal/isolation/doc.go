// Package isolation proves that a tenant's statements reach that tenant's rows and nothing else.
// It has no code but its tests.
//
// The proof is one body of work, run on every engine. Random operations of every kind that the
// API has (rapid draws them as data, a plan) run over tenants of all four placements at once:
// from several goroutines, with a registry too small for them, pools too small for the
// goroutines, the same keys and the same values in every tenant, and ids chosen to collide
// wherever names were made carelessly. Three judges watch, each written without the library:
//
//   - the model: every tenant's rows in plain Go maps, with SQL's logic, keys and references
//     spelt out; results, errors and, in the end, all rows of all tables must equal it;
//   - the canary: a value per tenant, in every row, that no operation asks for; a row that is
//     seen or found with another tenant's is a breach, also where goroutines share a tenant
//     and no model could be exact;
//   - the oracle: it reads every statement that goes out, and accepts it only in the tenant's
//     own database, on the tenant's own tables by names that it works out for itself, with the
//     tenant's discriminator wherever a table is shared, and without a word about sessions.
//
// Afterwards every pooled connection is compared with one that has just been opened. And because
// a proof that cannot fail proves nothing, the same body must fail with names that collide, a
// discriminator that is dropped, a catalog that mixes tenants up, and a driver that loses errors.
package isolation
