// Package rawsql takes apart SQL that an application wrote, around the slots that its tables stand
// in, and refuses a text that names a table in any other way.
//
// It is a lexer, as exact as the engine's own, and a reader of the one thing in SQL that matters
// here: where a table may stand. It knows no grammar beyond that. What it does not understand it
// refuses: a word is the end of a list of tables only if the engine reserves it, so that it cannot
// be an alias, and everything that may follow such a list is taken for a table until then.
//
// What no reader of a text can promise is what the database does with it: a view, a function or a
// trigger of the application's may read whatever its owner may.
package rawsql
