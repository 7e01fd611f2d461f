package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version(info))
			return err
		},
	}
}

// version describes a build: rowhouse v1.2.3 (0123456789ab, modified), go1.26.4, linux/amd64.
// What was built from a working copy without version control has neither version nor commit.
func version(info *debug.BuildInfo) string {
	number, commit, modified := "(devel)", "", ""
	if info != nil {
		if info.Main.Version != "" {
			number = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value[:min(len(s.Value), 12)]
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = ", modified"
			}
		}
	}
	if commit != "" {
		commit = " (" + commit + modified + ")"
	}
	return fmt.Sprintf("rowhouse %s%s, %s, %s/%s", number, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
