package rowhouse_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Article fills in its own slug, and is ready to be shown when it is read.
type Article struct {
	ID     int64  `db:"id,pk,auto"`
	Title  string `db:"title,size:200"`
	Slug   string `db:"slug,size:200"`
	Draft  bool   `db:"draft"`
	Header string `db:"-"`
}

// BeforeInsert is a hook of the struct.
func (a *Article) BeforeInsert(context.Context, rowhouse.Scope) error {
	if a.Title == "" {
		return errors.New("an article wants a title")
	}
	a.Slug = strings.ToLower(strings.ReplaceAll(a.Title, " ", "-"))
	return nil
}

// AfterLoad is another.
func (a *Article) AfterLoad(context.Context, rowhouse.Scope) error {
	a.Header = "# " + a.Title
	return nil
}

// Trace says what was done to articles.
type Trace struct {
	ID   int64  `db:"id,pk,auto"`
	What string `db:"what,size:200"`
}

var (
	Articles     = rowhouse.MustDefine[Article]("article")
	ArticleID    = rowhouse.Col(Articles, func(a *Article) *int64 { return &a.ID })
	ArticleDraft = rowhouse.Col(Articles, func(a *Article) *bool { return &a.Draft })
	Traces       = rowhouse.MustDefine[Trace]("trace")
)

// articleTenant opens a fleet with these options and returns its tenant acme.
func articleTenant(ctx context.Context, o rowhouse.Options) (acme *rowhouse.Tenant, done func()) {
	drv, err := sqlite.Temporary()
	check(err)
	o.Models, o.Freshness = rowhouse.Models(Articles, Traces), time.Hour
	db, err := rowhouse.Open(ctx, drv, o)
	check(err)
	check(fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "acme"}))
	acme, err = db.Tenant(ctx, "acme")
	check(err)
	return acme, func() { check(errors.Join(db.Close(), drv.Close())) }
}

// Hooks that only look at the row are methods of the struct.
func Example_hooks() {
	ctx := context.Background()
	acme, done := articleTenant(ctx, rowhouse.Options{})
	defer done()

	article := Article{Title: "Leaking roof"}
	check(Articles.In(acme).Insert(ctx, &article))
	read, err := Articles.In(acme).Get(ctx, article.ID)
	check(err)
	fmt.Println(read.Slug, read.Header)
	fmt.Println(Articles.In(acme).Insert(ctx, &Article{}))
	// Output:
	// leaking-roof # Leaking roof
	// rowhouse: insert article of tenant "acme": hook BeforeInsert: an article wants a title
}

// A hook that is given to Open may use the models; what it writes is in the same transaction.
func ExampleBehavior() {
	ctx := context.Background()
	acme, done := articleTenant(ctx, rowhouse.Options{Behaviors: []rowhouse.AnyBehavior{
		rowhouse.Behavior[Article]{
			Model: Articles,
			AfterInsert: func(ctx context.Context, s rowhouse.Scope, a *Article) error {
				return Traces.In(s).Insert(ctx, &Trace{What: fmt.Sprintf("article %d: %s", a.ID, a.Slug)})
			},
			BeforeDelete: func(_ context.Context, _ rowhouse.Scope, a *Article) error {
				if a.Draft {
					return nil
				}
				return errors.New("only drafts are deleted")
			},
		},
	}})
	defer done()

	article := Article{Title: "Broken door"}
	check(Articles.In(acme).Insert(ctx, &article))
	fmt.Println(Articles.In(acme).Delete(ctx, &article))
	traces, err := Traces.In(acme).All(ctx)
	check(err)
	for _, t := range traces {
		fmt.Println(t.What)
	}
	// Output:
	// rowhouse: delete article of tenant "acme": hook BeforeDelete: only drafts are deleted
	// article 1: broken-door
}

func ExampleTable_Without() {
	ctx := context.Background()
	acme, done := articleTenant(ctx, rowhouse.Options{Behaviors: []rowhouse.AnyBehavior{
		rowhouse.Behavior[Article]{
			Model:   Articles,
			Filters: []rowhouse.Filter[Article]{{Name: "drafts", Where: ArticleDraft.Eq(false)}},
		},
	}})
	defer done()
	check(Articles.In(acme).InsertMany(ctx, []Article{{Title: "Roof"}, {Title: "Door", Draft: true}}))

	published, err := Articles.In(acme).Count(ctx)
	check(err)
	all, err := Articles.In(acme).Without("drafts").Count(ctx)
	check(err)
	fmt.Println(published, "of", all)
	// Output: 1 of 2
}

func ExampleEvent() {
	ctx := context.Background()
	acme, done := articleTenant(ctx, rowhouse.Options{
		Observe: func(_ context.Context, e rowhouse.Event) {
			if e.Tenant != "" { // the catalog is no tenant's
				fmt.Println(e.Tenant, e.Op, e.Model, e.Rows, e.Duration > 0)
			}
		},
	})
	defer done()
	check(Articles.In(acme).InsertMany(ctx, []Article{{Title: "Roof"}, {Title: "Door"}}))
	_, err := Articles.In(acme).Where(ArticleID.Gt(1)).All(ctx)
	check(err)
	// Output:
	// acme begin article 0 true
	// acme insert article 2 true
	// acme commit article 0 true
	// acme select article 1 true
}

func ExampleOptions_log() {
	ctx := context.Background()
	var level slog.LevelVar // loud enough for what opening the fleet says
	level.Set(slog.LevelError)
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: &level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "time" || a.Key == "duration" || a.Key == "sql" {
				return slog.Attr{} // too long for an example, or another each time
			}
			return a
		},
	}))
	acme, done := articleTenant(ctx, rowhouse.Options{Log: log})
	defer done()

	level.Set(slog.LevelDebug)
	_, err := Articles.In(acme).Where(ArticleID.Eq(42)).Exists(ctx)
	check(err)
	level.Set(slog.LevelError)
	// Output:
	// level=DEBUG msg=statement op=exists tenant=acme model=article rows=0
}
