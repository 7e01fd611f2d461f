package rowhouse_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rowhouse/rowhouse"
	"github.com/rowhouse/rowhouse/driver/sqlite"
	"github.com/rowhouse/rowhouse/fleet"
)

// Album, Track and Genre are models of the examples with relations between them. A field tagged "-" is
// no column: a relation fills it in.
type (
	Album struct {
		ID     int64   `db:"id,pk,auto"`
		Title  string  `db:"title,size:80"`
		Tracks []Track `db:"-"`
		Genres []Genre `db:"-"`
	}
	Track struct {
		ID      int64  `db:"id,pk,auto"`
		AlbumID int64  `db:"album_id,ref:album.id,ondelete:cascade,index"`
		Title   string `db:"title,size:80"`
		Seconds int    `db:"seconds"`
		Album   *Album `db:"-"`
	}
	Genre struct {
		ID   int64  `db:"id,pk,auto"`
		Name string `db:"name,size:40,unique"`
	}
)

// The relations are package variables, beside the models and their columns.
var (
	Albums = rowhouse.MustDefine[Album]("album")
	Tracks = rowhouse.MustDefine[Track]("track")
	Genres = rowhouse.MustDefine[Genre]("genre")

	AlbumID      = rowhouse.Col(Albums, func(a *Album) *int64 { return &a.ID })
	AlbumTitle   = rowhouse.Col(Albums, func(a *Album) *string { return &a.Title })
	TrackID      = rowhouse.Col(Tracks, func(t *Track) *int64 { return &t.ID })
	TrackAlbumID = rowhouse.Col(Tracks, func(t *Track) *int64 { return &t.AlbumID })
	TrackTitle   = rowhouse.Col(Tracks, func(t *Track) *string { return &t.Title })
	TrackSeconds = rowhouse.Col(Tracks, func(t *Track) *int { return &t.Seconds })
	GenreID      = rowhouse.Col(Genres, func(g *Genre) *int64 { return &g.ID })
	GenreName    = rowhouse.Col(Genres, func(g *Genre) *string { return &g.Name })

	AlbumTracks = rowhouse.HasMany(AlbumID, TrackAlbumID, func(a *Album) *[]Track { return &a.Tracks })
	TrackAlbum  = rowhouse.BelongsTo(TrackAlbumID, AlbumID, func(t *Track) **Album { return &t.Album })
	AlbumGenres = rowhouse.ManyToMany(AlbumID, GenreID, "album_genre", func(a *Album) *[]Genre { return &a.Genres })

	albumModels = rowhouse.Models(Albums, Tracks, Genres, AlbumGenres.JoinTable())
)

// exampleShelf is a tenant with two albums.
func exampleShelf(ctx context.Context) (acme *rowhouse.Tenant, done func()) {
	drv, err := sqlite.Temporary()
	check(err)
	db, err := rowhouse.Open(ctx, drv, rowhouse.Options{Models: albumModels})
	check(err)
	check(fleet.New(db, fleet.Options{}).Provision(ctx, fleet.NewTenant{ID: "acme"}))
	acme, err = db.Tenant(ctx, "acme")
	check(err)
	jazz := Genre{Name: "jazz"}
	check(Genres.In(acme).Insert(ctx, &jazz))
	// What the rows' fields have is inserted with them: tracks get their album's key, genres that
	// are there are linked, new ones are inserted first.
	check(Albums.In(acme).With(AlbumTracks, AlbumGenres).InsertMany(ctx, []Album{
		{
			Title: "Blue", Genres: []Genre{jazz, {Name: "swing"}},
			Tracks: []Track{{Title: "Dawn", Seconds: 180}, {Title: "Noon", Seconds: 240}, {Title: "Dusk", Seconds: 200}},
		},
		{Title: "Red", Tracks: []Track{{Title: "Ember", Seconds: 420}}, Genres: []Genre{jazz}},
	}))
	return acme, func() { check(errors.Join(db.Close(), drv.Close())) }
}

func ExampleQuery_With() {
	ctx := context.Background()
	acme, done := exampleShelf(ctx)
	defer done()

	albums, err := Albums.In(acme).
		With(AlbumTracks.OrderBy(TrackSeconds.Desc()).Limit(2), AlbumGenres.OrderBy(GenreName.Asc())).
		OrderBy(AlbumTitle.Asc()).All(ctx)
	check(err)
	for _, a := range albums {
		fmt.Print(a.Title, ":")
		for _, t := range a.Tracks {
			fmt.Print(" ", t.Title)
		}
		for _, g := range a.Genres {
			fmt.Print(", ", g.Name)
		}
		fmt.Println()
	}
	// Output:
	// Blue: Noon Dusk, jazz, swing
	// Red: Ember, jazz
}

func ExampleRelation_Has() {
	ctx := context.Background()
	acme, done := exampleShelf(ctx)
	defer done()

	long, err := Albums.In(acme).Where(AlbumTracks.Has(TrackSeconds.Gt(400))).All(ctx)
	check(err)
	calm, err := Albums.In(acme).Where(AlbumTracks.HasNo(TrackSeconds.Gt(400)), AlbumGenres.Has(GenreName.Eq("swing"))).All(ctx)
	check(err)
	fmt.Println(long[0].Title, calm[0].Title)
	// Output: Red Blue
}

func ExampleVia() {
	ctx := context.Background()
	acme, done := exampleShelf(ctx)
	defer done()

	type Line struct{ Title, Album string }
	lines, err := rowhouse.Select[Line](
		Tracks.In(acme).OrderBy(rowhouse.Via(TrackAlbum, AlbumTitle).Desc(), TrackSeconds.Asc()).Limit(2),
		TrackTitle, rowhouse.Via(TrackAlbum, AlbumTitle).As("album"),
	).All(ctx)
	check(err)
	fmt.Println(lines)
	// Output: [{Ember Red} {Dawn Blue}]
}

func ExampleRelation_Of() {
	ctx := context.Background()
	acme, done := exampleShelf(ctx)
	defer done()

	red, err := Albums.In(acme).Where(AlbumTitle.Eq("Red")).One(ctx)
	check(err)
	swing, err := Genres.In(acme).Where(GenreName.Eq("swing")).One(ctx)
	check(err)
	check(AlbumGenres.Of(acme, &red).Replace(ctx, &swing, &Genre{Name: "fire"}))
	check(AlbumTracks.Of(acme, &red).Add(ctx, &Track{Title: "Ash", Seconds: 90}))
	red, err = Albums.In(acme).With(AlbumTracks, AlbumGenres).Get(ctx, red.ID)
	check(err)
	fmt.Println(len(red.Tracks), len(red.Genres))
	n, err := AlbumTracks.Of(acme, &red).Rows().Where(TrackSeconds.Lt(100)).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output:
	// 2 2
	// 1
}
