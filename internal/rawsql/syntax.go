package rawsql

import "strings"

// Syntax is an engine's way of writing SQL.
type Syntax uint8

// The syntaxes.
const (
	PostgreSQL Syntax = iota
	MySQL
	MariaDB
	SQLite
)

// SyntaxOf returns the syntax of the dialect of that name.
func SyntaxOf(dialect string) (s Syntax, ok bool) {
	s, ok = map[string]Syntax{"postgres": PostgreSQL, "mysql": MySQL, "mariadb": MariaDB, "sqlite": SQLite}[dialect]
	return s, ok
}

// mysqlish reports what MySQL and MariaDB have in common.
func (s Syntax) mysqlish() bool { return s == MySQL || s == MariaDB }

// words is a set of keywords, in upper case.
type words map[string]bool

func setOf(text string) words {
	set := words{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// ends are the words that end a list of tables: only those that the engine reserves, since any other
// could be a table's alias, and what follows it another table. Words whose meaning hangs on the next
// one are in [parser.ends].
var ends = [...]words{
	PostgreSQL: setOf("WHERE HAVING LIMIT OFFSET FETCH RETURNING DO"),
	MySQL:      setOf("WHERE HAVING LIMIT SET"),
	MariaDB:    setOf("WHERE HAVING LIMIT SET RETURNING"),
	SQLite:     setOf("WHERE HAVING LIMIT SET RETURNING"),
}

// noAlias are the words that may follow a table and are not its alias. A word that is missing here
// is taken for one, which costs the table its own alias and nothing else.
var noAlias = setOf(`WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH RETURNING DO SET FOR UNION INTERSECT EXCEPT
	FROM INTO IN TABLE WINDOW ON USING JOIN LEFT RIGHT INNER OUTER CROSS FULL NATURAL STRAIGHT_JOIN TABLESAMPLE VALUES SELECT WITH
	DEFAULT OVERRIDING PARTITION USE FORCE IGNORE INDEXED NOT LOCK WHEN`)

// setWords join two queries.
var setWords = setOf("UNION INTERSECT EXCEPT")

// afterSet are the words that may follow one of them.
var afterSet = setOf("ALL DISTINCT SELECT VALUES")

// queries begin one.
var queries = setOf("SELECT VALUES WITH")

// verbs begin a statement; those that write are true.
var verbs = map[string]bool{
	"SELECT": false, "VALUES": false, "INSERT": true, "UPDATE": true, "DELETE": true, "REPLACE": true, "MERGE": true,
}

// modifiers may stand between a verb and the table that it writes.
var modifiers = setOf("LOW_PRIORITY HIGH_PRIORITY DELAYED QUICK IGNORE ONLY")

// explaining may stand between EXPLAIN and the statement.
var explaining = setOf("ANALYZE ANALYSE VERBOSE EXTENDED PARTITIONS QUERY PLAN FORMAT TRADITIONAL TREE JSON")

// fromFunctions are the functions that have the word FROM between their arguments.
var fromFunctions = setOf("EXTRACT SUBSTRING SUBSTR MID TRIM OVERLAY")

// refusedFunctions run text as SQL, reach files, other servers or other tenants' sequences, or change
// or tell what outlives the statement. A name that ends in * is the beginning of several.
var refusedFunctions = [...]words{
	PostgreSQL: setOf(`
		set_config setseed set_limit ts_stat ts_rewrite xpath_table connectby crosstab*
		dblink* query_to_xml* cursor_to_xml* table_to_xml* schema_to_xml* database_to_xml* lo_* loread lowrite
		pg_read_file pg_read_binary_file pg_ls_* pg_stat_file pg_file_* pg_logdir_ls
		pg_advisory_lock pg_advisory_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared pg_advisory_unlock*
		pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile pg_switch_wal pg_promote
		pg_create_* pg_drop_* pg_replication_* pg_logical_* pg_start_backup pg_stop_backup pg_backup_* pg_stat_reset*
		pg_stat_get_activity pg_stat_get_backend_activity* pg_stat_statements* pg_stat_get_wal_senders pg_prepared_statement
		pg_prepared_xact pg_cursor pg_lock_status pg_sequence_last_value pg_current_logfile pg_get_wal_* get_raw_page heap_page_items
		pg_export_snapshot pg_import_system_collations nextval setval currval lastval`),
	MySQL:   mysqlFunctions,
	MariaDB: mysqlFunctions,
	SQLite: setOf(`load_extension readfile writefile edit eval fts3_tokenizer last_insert_rowid changes total_changes
		pragma_* sqlite_* zipfile fsdir dbstat`),
}

var mysqlFunctions = setOf(`load_file get_lock release_lock release_all_locks is_used_lock last_insert_id found_rows row_count
	nextval setval lastval sys_eval sys_exec sys_get sys_set`)

func (s Syntax) refuses(function string) bool {
	function = strings.ToLower(function)
	if refusedFunctions[s][function] {
		return true
	}
	for i := range function {
		if refusedFunctions[s][function[:i+1]+"*"] {
			return true
		}
	}
	return false
}
